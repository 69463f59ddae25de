/**
 * A forward pass that keeps everything the backward pass needs, and the backward pass that yields weight gradients. There is one rule per
 * node kind, tested against autodiff. It is hand-written because autodiff from JavaScript costs several times the arithmetic on small
 * networks. Runs inside the caller's tidy.
 */
import * as tf from '@tensorflow/tfjs-core';
import { channelSum, convolve, filterGradient, gradientKernel, inputGradient } from '../backend/convolution.ts';
import { broadcast, reluGradient } from '../backend/elementwise.ts';
import * as native from '../backend/tensorflow-kernels.ts';
import { affine } from '../backend/wasm-kernels.ts';
import type { Node, NodeOf } from '@ncsweep/catalog/network/node';
import type { Weights } from './weights.ts';

const { isTensorFlow } = native;

/** Guards batch norm's division; PyTorch's default. */
export const batchNormTiny = 1e-5;
/** Weight of the newest batch in running statistics; PyTorch's default. */
const runningMomentum = 0.1;

export interface TrainPass {
  /** [B,K] */
  readonly logits: tf.Tensor2D;
  /** Adds d(loss)/d(parameter) into `gradients`. @param dLogits [B,K] */
  backward(dLogits: tf.Tensor2D): void;
}

export interface PassState {
  readonly weights: Weights;
  /** Uses batch statistics (and updates the running ones), or the running ones. */
  readonly batchNorm: 'train' | 'eval';
  /** Filled by the backward pass; sums over several passes. */
  readonly gradients: Map<string, tf.Tensor>;
  /** New running statistics, filled by the forward pass. */
  readonly running: Map<string, tf.Tensor>;
}

interface Step {
  readonly y: tf.Tensor;
  /** Without `needInput` nothing upstream is trained, and the returned value is not used. */
  readonly pull: (dy: tf.Tensor, needInput: boolean) => tf.Tensor;
}

export function trainPass(nodes: readonly Node[], images: tf.Tensor4D, state: PassState): TrainPass {
  const { y, pull } = sequence(nodes, images, state);
  return { logits: y as tf.Tensor2D, backward: (dLogits) => void pull(dLogits, false) };
}

function sequence(nodes: readonly Node[], x: tf.Tensor, state: PassState): Step {
  const pulls: Step['pull'][] = [];
  let firstLearning = Infinity;
  let y = x;
  for (const node of nodes) {
    if (node.kind === 'tap') continue;
    if ('name' in node || node.kind === 'residual') firstLearning = Math.min(firstLearning, pulls.length);
    const step = forward(node, y, state);
    pulls.push(step.pull);
    y = step.y;
  }
  const pull: Step['pull'] = (dy, needInput) => {
    let gradient = dy;
    for (let i = pulls.length - 1; i >= (needInput ? 0 : firstLearning); i--)
      gradient = pulls[i]!(gradient, needInput || i > firstLearning);
    return gradient;
  };
  return { y, pull };
}

function forward(node: Exclude<Node, NodeOf<'tap'>>, x: tf.Tensor, state: PassState): Step {
  switch (node.kind) {
    case 'normalise':
      return normaliseStep(node, x);
    case 'conv':
      return convStep(node, x as tf.Tensor4D, state);
    case 'batchNorm':
      if (state.batchNorm === 'eval') return fixedBatchNormStep(node, x, state);
      return isTensorFlow() ? fusedBatchNormStep(node, x, state) : batchNormStep(node, x as tf.Tensor4D, state);
    case 'activation':
      return activationStep(node, x);
    case 'maxPool':
      return maxPoolStep(x as tf.Tensor4D);
    case 'globalAveragePool':
      return { y: tf.mean(x, [1, 2]), pull: (dy) => spread(dy as tf.Tensor2D, x.shape) };
    case 'flatten':
      return { y: tf.reshape(x, [x.shape[0]!, -1]), pull: (dy) => tf.reshape(dy, x.shape) };
    case 'dense':
      return denseStep(node, x as tf.Tensor2D, state);
    case 'residual':
      return residualStep(node, x, state);
    default:
      return node satisfies never;
  }
}

function accumulate(state: PassState, name: string, gradient: tf.Tensor): void {
  const before = state.gradients.get(name);
  state.gradients.set(name, before ? tf.add(before, gradient) : gradient);
}

const weight = (state: PassState, name: string): tf.Tensor => state.weights.get(name)!;

function normaliseStep(node: NodeOf<'normalise'>, x: tf.Tensor): Step {
  const scale = tf.tensor1d(node.std.map((s) => 1 / s));
  return { y: tf.mul(tf.sub(x, tf.tensor1d([...node.mean])), scale), pull: (dy) => tf.mul(dy, scale) };
}

function activationStep({ fn }: NodeOf<'activation'>, x: tf.Tensor): Step {
  if (fn === 'softplus') return { y: tf.softplus(x), pull: (dy) => tf.mul(dy, tf.sigmoid(x)) };
  const y = tf.relu(x);
  return { y, pull: (dy) => reluGradient(dy, y) };
}

function residualStep(node: NodeOf<'residual'>, x: tf.Tensor, state: PassState): Step {
  const body = sequence(node.body, x, state);
  const shortcut = node.shortcut.length > 0 ? sequence(node.shortcut, x, state) : undefined;
  return {
    y: tf.add(body.y, shortcut?.y ?? x),
    pull: (dy) => tf.add(body.pull(dy, true), shortcut ? shortcut.pull(dy, true) : dy),
  };
}

/** Gradient of a global average pool: each channel's gradient, shared equally by its pixels. @param dy [B,C] @param shape [B,H,W,C] */
export function spread(dy: tf.Tensor2D, shape: readonly number[]): tf.Tensor4D {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const share: tf.Tensor4D = tf.reshape(tf.div(dy, height * width), [batch, 1, 1, channels]);
  return broadcast(share, [batch, height, width, channels]);
}

function convStep(node: NodeOf<'conv'>, x: tf.Tensor4D, state: PassState): Step {
  const name = `${node.name}.weight`;
  const filter = weight(state, name) as tf.Tensor4D;
  const pull: Step['pull'] = (dy, need) => {
    accumulate(state, name, filterGradient(x, dy as tf.Tensor4D, node.kernel, node.stride));
    return need ? inputGradient(dy as tf.Tensor4D, gradientKernel(filter, node), node, [x.shape[1], x.shape[2]]) : dy;
  };
  return { y: convolve(x, filter, node.stride), pull };
}

function denseStep(node: NodeOf<'dense'>, x: tf.Tensor2D, state: PassState): Step {
  const kernel = weight(state, `${node.name}.weight`) as tf.Tensor2D;
  const pull: Step['pull'] = (dy, need) => {
    accumulate(state, `${node.name}.weight`, matMul(x, dy as tf.Tensor2D, true, false));
    accumulate(state, `${node.name}.bias`, channelSum(dy));
    return need ? matMul(dy as tf.Tensor2D, kernel, false, true) : dy;
  };
  return { y: tf.add(matMul(x, kernel, false, false), weight(state, `${node.name}.bias`)), pull };
}

const matMul = (...product: readonly [a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean]): tf.Tensor2D =>
  isTensorFlow() ? native.matMul(...product) : tf.matMul(...product);

/** One fused operation in each direction, where the backend has it. */
function fusedBatchNormStep({ name }: NodeOf<'batchNorm'>, x: tf.Tensor, state: PassState): Step {
  const running = (suffix: string): tf.Tensor => state.running.get(`${name}.${suffix}`) ?? weight(state, `${name}.${suffix}`);
  const { y, mean, variance, gradient } = native.batchNorm(x, {
    scale: weight(state, `${name}.weight`),
    offset: weight(state, `${name}.bias`),
    mean: running('running_mean'),
    variance: running('running_var'),
    tiny: batchNormTiny,
    momentum: runningMomentum,
  });
  state.running.set(`${name}.running_mean`, mean);
  state.running.set(`${name}.running_var`, variance);
  const pull: Step['pull'] = (dy) => {
    const { dx, dScale, dOffset } = gradient(dy);
    accumulate(state, `${name}.weight`, dScale);
    accumulate(state, `${name}.bias`, dOffset);
    return dx;
  };
  return { y, pull };
}

/** On wasm: y = γ (x − μ) / √(σ² + tiny) + β with the batch's μ, σ² (biased); running statistics use the unbiased variance. */
function batchNormStep({ name }: NodeOf<'batchNorm'>, x: tf.Tensor4D, state: PassState): Step {
  const rows = x.size / x.shape[3];
  const mean: tf.Tensor1D = tf.div(channelSum(x), rows);
  const centred = affine(x, tf.onesLike(mean), tf.neg(mean));
  const variance = tf.div(channelSum(tf.square(centred)), rows);
  const inverse = tf.rsqrt(tf.add(variance, batchNormTiny));
  const scale: tf.Tensor1D = tf.mul(inverse, weight(state, `${name}.weight`));
  const blend = (suffix: string, newest: tf.Tensor): void => {
    const old = state.running.get(`${name}.${suffix}`) ?? weight(state, `${name}.${suffix}`);
    state.running.set(`${name}.${suffix}`, tf.add(tf.mul(old, 1 - runningMomentum), tf.mul(newest, runningMomentum)));
  };
  blend('running_mean', mean);
  blend('running_var', tf.mul(variance, rows / Math.max(1, rows - 1)));
  const pull: Step['pull'] = (gradient) => {
    const dy = gradient as tf.Tensor4D;
    const dBias = channelSum(dy);
    const dScaled = channelSum(tf.mul(dy, centred)); // Σ dy (x − μ)
    accumulate(state, `${name}.weight`, tf.mul(dScaled, inverse));
    accumulate(state, `${name}.bias`, dBias);
    // dx = scale · (dy − mean(dy) − (x − μ) · Σ dy (x − μ) / (n (σ² + tiny)))
    const slope: tf.Tensor1D = tf.mul(scale, tf.div(tf.mul(dScaled, tf.square(inverse)), -rows));
    const shift: tf.Tensor1D = tf.mul(scale, tf.div(dBias, -rows));
    return tf.add(affine(dy, scale, shift), affine(centred, slope, tf.zerosLike(slope)));
  };
  return { y: affine(centred, scale, weight(state, `${name}.bias`) as tf.Tensor1D), pull };
}

/** Batch norm with the running statistics: an affine map per channel whose γ and β are still trained. */
function fixedBatchNormStep({ name }: NodeOf<'batchNorm'>, x: tf.Tensor, state: PassState): Step {
  const inverse = tf.rsqrt(tf.add(weight(state, `${name}.running_var`), batchNormTiny));
  const normalised = tf.mul(tf.sub(x, weight(state, `${name}.running_mean`)), inverse);
  const gamma = weight(state, `${name}.weight`);
  const pull: Step['pull'] = (dy) => {
    accumulate(state, `${name}.weight`, channelSum(tf.mul(dy, normalised)));
    accumulate(state, `${name}.bias`, channelSum(dy));
    return tf.mul(dy, tf.mul(inverse, gamma));
  };
  return { y: tf.add(tf.mul(normalised, gamma), weight(state, `${name}.bias`)), pull };
}

function maxPoolStep(x: tf.Tensor4D): Step {
  return { y: tf.maxPool(x, 2, 2, 'valid'), pull: (dy) => maxPoolGradient(x, dy as tf.Tensor4D) };
}

/** The gradient goes to the first maximum of each window, in row-major order. @param x [B,H,W,C] @param dy [B,⌊H/2⌋,⌊W/2⌋,C] */
export function maxPoolGradient(x: tf.Tensor4D, dy: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const [, h, w] = dy.shape;
  const even = tf.slice4d(x, [0, 0, 0, 0], [batch, 2 * h, 2 * w, channels]);
  // Rows and columns of each 2×2 window as an axis of four, in row-major order.
  const windows = tf.reshape(tf.transpose(tf.reshape(even, [batch * h, 2, w, 2, channels]), [0, 2, 1, 3, 4]), [
    batch * h * w,
    4,
    channels,
  ]);
  const first = tf.oneHot(tf.argMax(windows, 1), 4); // [B·h·w,C,4]
  const placed = tf.mul(tf.transpose(tf.cast(first, 'float32'), [0, 2, 1]), tf.reshape(dy, [batch * h * w, 1, channels]));
  const back = tf.transpose(tf.reshape(placed, [batch * h, w, 2, 2, channels]), [0, 2, 1, 3, 4]);
  const full: tf.Tensor4D = tf.reshape(back, [batch, 2 * h, 2 * w, channels]);
  return tf.pad4d(full, [
    [0, 0],
    [0, height - 2 * h],
    [0, width - 2 * w],
    [0, 0],
  ]);
}
