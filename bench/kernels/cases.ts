/** What is timed: the same pieces of work for ncsweep and for PyTorch. */
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';

export interface Case {
  /** Of the network and its images, for the table. */
  readonly label: string;
  readonly work: 'train step' | 'PGD-10' | 'evaluation';
  readonly architecture: ArchitectureParams;
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
  readonly classes: number;
  /** Images of one step, of one attack or of one evaluation. */
  readonly batch: number;
  /** Times the work is done for one sample, so that a sample takes a good part of a second. */
  readonly times: number;
}

type Network = Pick<Case, 'label' | 'architecture' | 'image' | 'classes'>;

const resnet = (width: number): Network => ({
  label: `ResNet18 width ${width}, 32×32×3`,
  architecture: { name: 'preact-resnet18', width, depth: 8 },
  image: [32, 32, 3],
  classes: 10,
});
const convnet: Network = {
  label: 'convnet width 16, 16×16×1',
  architecture: { name: 'convnet', width: 16, depth: 4 },
  image: [16, 16, 1],
  classes: 5,
};

const of = (network: Network, work: Case['work'], batch: number, times: number): Case => ({ ...network, work, batch, times });

export const cases: readonly Case[] = [
  of(convnet, 'train step', 50, 20),
  of(convnet, 'PGD-10', 500, 1),
  of(convnet, 'evaluation', 500, 1),
  of(resnet(16), 'train step', 64, 3),
  of(resnet(16), 'PGD-10', 64, 1),
  of(resnet(16), 'evaluation', 128, 1),
  of(resnet(64), 'train step', 32, 1),
  of(resnet(64), 'PGD-10', 16, 1),
  of(resnet(64), 'evaluation', 64, 1),
];

/** Pixels in [0,1] and labels; any will do, the same for everyone: a multiplicative hash of the position. */
export function exampleData({ image, batch, classes }: Case): { pixels: Float32Array; labels: Int32Array } {
  const pixels = new Float32Array(batch * image[0] * image[1] * image[2]);
  for (let i = 0; i < pixels.length; i++) pixels[i] = (Math.imul(i + 1, 0x9e3779b1) >>> 8) * 2 ** -24;
  return { pixels, labels: Int32Array.from({ length: batch }, (_, i) => i % classes) };
}

/** Normalisation of the images; any will do. */
export const channelsOf = ({ image }: Pick<Case, 'image'>): { readonly mean: number[]; readonly std: number[] } => ({
  mean: [0.45, 0.46, 0.47].slice(0, image[2]),
  std: [0.25, 0.24, 0.26].slice(0, image[2]),
});
