/**
 * A network with fixed weights in eval mode, for attacks and evaluation: batch norm is folded into the preceding convolution, bias and
 * ReLU are fused, and kernels for input gradients are prepared once. No weight gradient is ever built.
 */
import * as tf from '@tensorflow/tfjs-core';
import { convolve, convolveFused, gradientKernel, inputGradient } from '../backend/convolution.ts';
import { reluGradient } from '../backend/elementwise.ts';
import type { Node, NodeOf } from '@ncsweep/catalog/network/node';
import { batchNormTiny, maxPoolGradient, spread } from './train-pass.ts';
import type { Weights } from './weights.ts';

type Pull = (dy: tf.Tensor) => tf.Tensor;
type Op = (x: tf.Tensor) => { y: tf.Tensor; pull: Pull };

export interface Traced {
  /** [B,K] logits, or the features of the requested layer. */
  readonly value: tf.Tensor;
  /** d(value) → d(images) [B,H,W,C]. */
  readonly pull: Pull;
}

export class FrozenNetwork {
  readonly #ops: readonly { op: Op; layer?: string }[];
  readonly #kept: tf.Tensor[] = [];

  /** @param weights are copied as needed; the network owns the tensors that it makes until dispose() */
  constructor(nodes: readonly Node[], weights: Weights) {
    this.#ops = this.#compile(nodes, weights);
  }

  /** Names of the layers, in depth order. */
  get layers(): readonly string[] {
    return this.#ops.flatMap(({ layer }) => (layer === undefined ? [] : [layer]));
  }

  /** Runs inside the caller's tidy. @param images [B,H,W,C] in [0,1] @param upTo a layer's name; logits by default */
  trace(images: tf.Tensor4D, upTo?: string): Traced {
    const pulls: Pull[] = [];
    let value: tf.Tensor = images;
    for (const { op, layer } of this.#ops) {
      if (layer !== undefined) {
        if (layer === upTo) break;
        continue;
      }
      const { y, pull } = op(value);
      pulls.push(pull);
      value = y;
    }
    return { value, pull: (dy) => pulls.reduceRight((gradient, pull) => pull(gradient), dy) };
  }

  /** @returns [B,K], the caller's to dispose */
  logits(images: tf.Tensor4D): tf.Tensor2D {
    return tf.tidy(() => this.trace(images).value as tf.Tensor2D);
  }

  /** Logits and every named layer from one pass; runs inside the caller's tidy. */
  features(images: tf.Tensor4D): { readonly logits: tf.Tensor2D; readonly layers: ReadonlyMap<string, tf.Tensor> } {
    const layers = new Map<string, tf.Tensor>();
    let value: tf.Tensor = images;
    for (const { op, layer } of this.#ops) {
      if (layer !== undefined) layers.set(layer, value);
      else value = op(value).y;
    }
    return { logits: value as tf.Tensor2D, layers };
  }

  dispose(): void {
    for (const tensor of this.#kept) tensor.dispose();
  }

  #keep(make: () => tf.Tensor): tf.Tensor {
    const tensor = tf.keep(tf.tidy(make));
    this.#kept.push(tensor);
    return tensor;
  }

  #compile(nodes: readonly Node[], weights: Weights): { op: Op; layer?: string }[] {
    const ops: { op: Op; layer?: string }[] = [];
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      if (node.kind === 'conv') {
        const batchNorm = nodes[i + 1]?.kind === 'batchNorm' ? (nodes[i + 1] as NodeOf<'batchNorm'>) : undefined;
        const next = nodes[i + (batchNorm ? 2 : 1)];
        const relu = batchNorm !== undefined && next?.kind === 'activation' && next.fn === 'relu';
        ops.push({ op: this.#conv(node, batchNorm, relu, weights) });
        i += (batchNorm ? 1 : 0) + (relu ? 1 : 0);
      } else if (node.kind === 'tap') ops.push({ op: identity, layer: node.layer });
      else ops.push({ op: this.#op(node, weights) });
    }
    return ops;
  }

  #op(node: Exclude<Node, NodeOf<'tap'> | NodeOf<'conv'>>, weights: Weights): Op {
    switch (node.kind) {
      case 'normalise': {
        const scale = this.#keep(() => tf.tensor1d(node.std.map((s) => 1 / s)));
        const shift = this.#keep(() => tf.tensor1d(node.mean.map((m, i) => -m / node.std[i]!)));
        return (x) => ({ y: tf.add(tf.mul(x, scale), shift), pull: (dy) => tf.mul(dy, scale) });
      }
      case 'batchNorm': {
        const { scale, shift } = this.#affine(node, weights);
        return (x) => ({ y: tf.add(tf.mul(x, scale), shift), pull: (dy) => tf.mul(dy, scale) });
      }
      case 'activation':
        return activation(node);
      case 'maxPool':
        return (x) => ({
          y: tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'),
          pull: (dy) => maxPoolGradient(x as tf.Tensor4D, dy as tf.Tensor4D),
        });
      case 'globalAveragePool':
        return globalAveragePool;
      case 'flatten':
        return (x) => ({ y: tf.reshape(x, [x.shape[0]!, -1]), pull: (dy) => tf.reshape(dy, x.shape) });
      case 'dense': {
        const kernel = this.#keep(() => tf.clone(weights.get(`${node.name}.weight`) as tf.Tensor2D)) as tf.Tensor2D;
        const bias = this.#keep(() => tf.clone(weights.get(`${node.name}.bias`)!));
        return (x) => ({
          y: tf.add(tf.matMul(x as tf.Tensor2D, kernel), bias),
          pull: (dy) => tf.matMul(dy as tf.Tensor2D, kernel, false, true),
        });
      }
      case 'residual':
        return this.#residual(node, weights);
      default:
        return node satisfies never;
    }
  }

  #residual({ body, shortcut }: NodeOf<'residual'>, weights: Weights): Op {
    const main = chain(this.#compile(body, weights));
    const side = shortcut.length > 0 ? chain(this.#compile(shortcut, weights)) : identity;
    return (x) => {
      const a = main(x);
      const b = side(x);
      return { y: tf.add(a.y, b.y), pull: (dy) => tf.add(a.pull(dy), b.pull(dy)) };
    };
  }

  #conv(node: NodeOf<'conv'>, batchNorm: NodeOf<'batchNorm'> | undefined, relu: boolean, weights: Weights): Op {
    const raw = weights.get(`${node.name}.weight`) as tf.Tensor4D;
    const { stride } = node;
    const affine = batchNorm && this.#affine(batchNorm, weights);
    const filter = this.#keep(() => (affine ? tf.mul(raw, affine.scale) : tf.clone(raw))) as tf.Tensor4D;
    const prepared = this.#keep(() => gradientKernel(filter, node)) as tf.Tensor4D;
    return (x) => {
      const input = x as tf.Tensor4D;
      const size = [input.shape[1], input.shape[2]] as const;
      const y = affine ? convolveFused(input, filter, affine.shift, stride, relu) : convolve(input, filter, stride);
      return { y, pull: (dy) => inputGradient((relu ? reluGradient(dy, y) : dy) as tf.Tensor4D, prepared, node, size) };
    };
  }

  /** Batch norm in eval mode as y = scale·x + shift. */
  #affine({ name }: NodeOf<'batchNorm'>, weights: Weights): { scale: tf.Tensor1D; shift: tf.Tensor1D } {
    const get = (suffix: string): tf.Tensor1D => weights.get(`${name}.${suffix}`) as tf.Tensor1D;
    const scale = this.#keep(() => tf.mul(get('weight'), tf.rsqrt(tf.add(get('running_var'), batchNormTiny)))) as tf.Tensor1D;
    const shift = this.#keep(() => tf.sub(get('bias'), tf.mul(get('running_mean'), scale))) as tf.Tensor1D;
    return { scale, shift };
  }
}

const identity: Op = (x) => ({ y: x, pull: (dy) => dy });

const chain =
  (ops: readonly { op: Op }[]): Op =>
  (x) => {
    const pulls: Pull[] = [];
    let y = x;
    for (const { op } of ops) {
      const step = op(y);
      pulls.push(step.pull);
      y = step.y;
    }
    return { y, pull: (dy) => pulls.reduceRight((gradient, pull) => pull(gradient), dy) };
  };

const activation = ({ fn }: NodeOf<'activation'>): Op =>
  fn === 'softplus'
    ? (x) => ({ y: tf.softplus(x), pull: (dy) => tf.mul(dy, tf.sigmoid(x)) })
    : (x) => {
        const y = tf.relu(x);
        return { y, pull: (dy) => reluGradient(dy, y) };
      };

const globalAveragePool: Op = (x) => ({ y: tf.mean(x, [1, 2]), pull: (dy) => spread(dy as tf.Tensor2D, x.shape) });
