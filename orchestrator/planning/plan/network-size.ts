/** Rough size of a forward pass, from params alone: enough to order tasks and to guess a time. */
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
