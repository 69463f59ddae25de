/** Nodes that architectures are made of. */
import type { Activation, Node } from './node.ts';

/** What a network is built for. */
export interface NetworkShape {
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
  readonly classes: number;
  /** Per-channel normalisation, pixels in [0,1]. */
  readonly normalisation: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** relu, except in tests that compare gradients, where kinks would hide errors. */
  readonly activation?: Activation;
}

/** Names the current value as a layer. */
export const tap = (layer: string): Node => ({ kind: 'tap', layer });

export const conv = (name: string, inputs: number, outputs: number, stride: 1 | 2 = 1, kernel: 1 | 3 = 3): Node => ({
  kind: 'conv',
  name,
  inputs,
  outputs,
  kernel,
  stride,
});

export const batchNorm = (name: string, channels: number): Node => ({ kind: 'batchNorm', name, channels });

export const dense = (name: string, inputs: number, outputs: number): Node => ({ kind: 'dense', name, inputs, outputs });

export const activation = ({ activation: fn = 'relu' }: NetworkShape): Node => ({ kind: 'activation', fn });

/** The last node: from features [B,inputs] to logits [B,K]. */
export const classifier = (inputs: number, { classes }: NetworkShape): Node => dense('classifier', inputs, classes);
