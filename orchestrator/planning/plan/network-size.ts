/** Rough size of a forward pass and of its features, from params alone: enough to order tasks, and to guess a time and bytes. */
import { layerNames, type View } from '@ncsweep/protocol/architectures';
import { imagesOf, type Images } from '@ncsweep/protocol/dataset-size';
import type { ArchitectureParams, DatasetParams } from '@ncsweep/protocol/params';

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
