/** Rough size of a forward pass, of its features and of a dataset, from their params alone: enough to order tasks and to guess a time. */
import { layerNames, type View } from '@ncsweep/protocol/architectures';
import type { ArchitectureParams, DatasetParams } from '@ncsweep/protocol/params';

interface Images {
  readonly side: number;
  readonly channels: number;
  readonly classes: number;
  readonly perClass: Readonly<Record<'train' | 'test', number>>;
}

const files = {
  cifar10: { side: 32, channels: 3, classes: 10, perClass: { train: 5000, test: 1000 } },
  cifar100: { side: 32, channels: 3, classes: 100, perClass: { train: 500, test: 100 } },
  mnist: { side: 28, channels: 1, classes: 10, perClass: { train: 5000, test: 1000 } },
  imagenette: { side: 160, channels: 3, classes: 10, perClass: { train: 950, test: 390 } },
  /** Unknown before it is read; as if it were like imagenette. */
  'image-folder': { side: 160, channels: 3, classes: 10, perClass: { train: 950, test: 390 } },
} as const satisfies Record<string, Images>;

function imagesOf(dataset: DatasetParams): Images {
  if (dataset.name === 'prototypes') {
    const perClass = { train: dataset.trainPerClass, test: dataset.testPerClass };
    return { side: dataset.imageSize, channels: 1, classes: dataset.classes, perClass };
  }
  const known = files[dataset.name];
  const kept = (limit: number, all: number): number => (limit === 0 ? all : Math.min(limit, all));
  return {
    side: 'imageSize' in dataset ? dataset.imageSize : known.side,
    channels: known.channels,
    classes: dataset.classes.length > 0 ? dataset.classes.length : known.classes,
    perClass: { train: kept(dataset.trainPerClass, known.perClass.train), test: kept(dataset.testPerClass, known.perClass.test) },
  };
}

/** Number of examples of a split; a guess where only the files would tell. */
export function exampleCount(dataset: DatasetParams, split: 'train' | 'test'): number {
  const { classes, perClass } = imagesOf(dataset);
  return classes * perClass[split];
}

/** Output channels, in units of the width, and the stride or pooling that comes before each 3×3 convolution. */
type Convolutions = readonly (readonly [channels: number, shrink: 1 | 2])[];

const vgg: Convolutions = [
  [1, 1],
  [2, 2],
  [4, 2],
  [4, 1],
  [8, 2],
  [8, 1],
  [8, 2],
  [8, 1],
];
const resnet: Convolutions = [
  [1, 1],
  ...[1, 2, 4, 8].flatMap((c, i): Convolutions => [[c, i === 0 ? 1 : 2], ...Array.from({ length: 3 }, () => [c, 1] as const)]),
];
const convnet = (depth: number): Convolutions =>
  Array.from({ length: depth }, (_, i) => [Math.min(4, 2 ** i), i === 1 || i === 2 ? 2 : 1] as const);

interface FeatureMap {
  readonly channels: number;
  /** Of the square image; 1 for a vector. */
  readonly side: number;
}

/** What comes out of each convolution. */
function featureMaps(layers: Convolutions, width: number, side: number, halved: (size: number) => number): FeatureMap[] {
  let size = side;
  return layers.map(([factor, shrink]) => {
    if (shrink === 2) size = Math.max(1, halved(size));
    return { channels: factor * width, side: size };
  });
}

/** Of all convolutions, in order; mlp has none. */
function convolutionsOf({ name, width, depth }: ArchitectureParams, { side }: Images): FeatureMap[] {
  switch (name) {
    case 'mlp':
      return [];
    case 'convnet':
      return featureMaps(convnet(depth), width, side, (size) => Math.ceil(size / 2));
    case 'vgg11-bn':
      return featureMaps(vgg, width, side, (size) => Math.floor(size / 2)); // max pools
    case 'preact-resnet18':
      return featureMaps(resnet, width, side, (size) => Math.ceil(size / 2));
    default:
      return name satisfies never;
  }
}

function convolutionalMacs(maps: readonly FeatureMap[], { channels, classes }: Images): number {
  let [macs, input] = [0, channels];
  for (const map of maps) {
    macs += 9 * input * map.channels * map.side ** 2;
    input = map.channels;
  }
  return macs + input * classes;
}

/** Multiply-adds of one example's forward pass. */
export function forwardMacs(architecture: ArchitectureParams, dataset: DatasetParams): number {
  const images = imagesOf(dataset);
  const { name, width, depth } = architecture;
  if (name === 'mlp') return images.side ** 2 * images.channels * width + (depth - 1) * width ** 2 + width * images.classes;
  return convolutionalMacs(convolutionsOf(architecture, images), images);
}

/** Numbers of one example, by what they are: pixels, logits, features. */
export interface ExampleSize {
  readonly image: number;
  readonly classes: number;
  readonly features: (view: View) => number;
}

export function exampleSize(architecture: ArchitectureParams, dataset: DatasetParams): ExampleSize {
  const images = imagesOf(dataset);
  const input: FeatureMap = { channels: images.channels, side: images.side };
  const convolutions = convolutionsOf(architecture, images);
  // A residual block has two convolutions, and is looked at after the second.
  const seen = architecture.name === 'preact-resnet18' ? convolutions.filter((_, i) => i % 2 === 0) : convolutions;
  const last: FeatureMap = { channels: convolutions.at(-1)?.channels ?? architecture.width, side: 1 };
  const layers = layerNames(architecture).map(({ name }) => name);
  const features = ({ layer, pooling }: View): number => {
    const index = layers.indexOf(layer);
    const { channels, side } = index === 0 ? input : (seen[index - 1] ?? last);
    return pooling === 'gap' ? channels : channels * side ** 2;
  };
  return { image: input.channels * input.side ** 2, classes: images.classes, features };
}
