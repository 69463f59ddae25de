/** Rough size of a forward pass and of a dataset, from their params alone: enough to order tasks and to guess a time. */
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { DatasetParams } from '@ncsweep/catalog/datasets';

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

function convolutionalMacs(layers: Convolutions, width: number, { side, channels, classes }: Images): number {
  let [macs, size, input] = [0, side, channels];
  for (const [factor, shrink] of layers) {
    size = Math.max(1, Math.ceil(size / shrink));
    macs += 9 * input * factor * width * size ** 2;
    input = factor * width;
  }
  return macs + input * classes;
}

/** Multiply-adds of one example's forward pass. */
export function forwardMacs(architecture: ArchitectureParams, dataset: DatasetParams): number {
  const images = imagesOf(dataset);
  const { width, depth } = architecture;
  switch (architecture.name) {
    case 'mlp':
      return images.side ** 2 * images.channels * width + (depth - 1) * width ** 2 + width * images.classes;
    case 'convnet':
      return convolutionalMacs(convnet(depth), width, images);
    case 'vgg11-bn':
      return convolutionalMacs(vgg, width, images);
    case 'preact-resnet18':
      return convolutionalMacs(resnet, width, images);
    default:
      return architecture.name satisfies never;
  }
}
