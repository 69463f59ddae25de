/**
 * Convolutions with PyTorch's padding ((k − 1) / 2 on every side) and their gradients, each by what the backend does fast. Kernels are
 * [k,k,I,O] with k = 1 or 3, images [B,H,W,C]. Results belong to the caller (tidy).
 */
import * as tf from '@tensorflow/tfjs-core';
import * as native from './tensorflow-kernels.ts';
import * as wasm from './wasm-kernels.ts';

const { isTensorFlow } = native;

type Stride = 1 | 2;

/** For stride 1, `same` means the same padding. */
const padding = (kernel: number, stride: Stride): 'same' | 'valid' | number =>
  kernel === 1 ? 'valid' : stride === 1 ? 'same' : 1;

/** [B,H,W,I] → [B,⌈H/s⌉,⌈W/s⌉,O] */
export function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, stride: Stride): tf.Tensor4D {
  return isTensorFlow() ? native.conv2d(x, filter, stride) : tf.conv2d(x, filter, stride, padding(filter.shape[0], stride));
}

/** relu?(convolve(x) + bias) in one kernel; outside gradient scopes only. */
export function convolveFused(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  bias: tf.Tensor1D,
  stride: Stride,
  relu: boolean,
): tf.Tensor4D {
  if (isTensorFlow()) {
    const y = tf.add<tf.Tensor4D>(native.conv2d(x, filter, stride), bias);
    return relu ? tf.relu(y) : y;
  }
  const pad = padding(filter.shape[0], stride);
  return tf.fused.conv2d({ x, filter, strides: stride, pad, bias, activation: relu ? 'relu' : 'linear' });
}

/** What gradients need to know about a convolution. */
export interface ConvShape {
  readonly kernel: 1 | 3;
  readonly stride: Stride;
  /** Input channels I. */
  readonly inputs: number;
}

/**
 * The kernel that inputGradient convolves with, prepared once for many gradients. With stride 2, three quarters of the work would
 * be wasted on dilated zeros, so one small convolution computes the four parities of the input pixels as channels instead.
 */
export const gradientKernel = (filter: tf.Tensor4D, { stride }: ConvShape): tf.Tensor4D =>
  tf.tidy(() => (isTensorFlow() ? tf.clone(filter) : stride === 1 ? reversed(filter) : parities(filter)));

/**
 * Gradient of a convolution with respect to its input.
 * @param dy [B,h,w,O]
 * @param prepared from gradientKernel
 * @param size [H,W] of the input
 * @returns [B,H,W,I]
 */
export function inputGradient(
  dy: tf.Tensor4D,
  prepared: tf.Tensor4D,
  shape: ConvShape,
  size: readonly [number, number],
): tf.Tensor4D {
  if (isTensorFlow()) return native.conv2dInputGradient(dy, prepared, shape.stride, size);
  if (shape.stride === 1) return tf.conv2d(dy, prepared, 1, 'same');
  const [batch, h, w] = dy.shape;
  const input =
    shape.kernel === 1
      ? dy
      : tf.pad4d(dy, [
          [0, 0],
          [0, 1],
          [0, 1],
          [0, 0],
        ]);
  const four = tf.conv2d(input, prepared, 1, 'valid'); // [B,h,w,(p,q,I)]
  const blocks = tf.transpose(tf.reshape(four, [batch * h, w, 2, 2 * shape.inputs]), [0, 2, 1, 3]); // [B·h,p,w,(q,I)]
  const full: tf.Tensor4D = tf.reshape(blocks, [batch, 2 * h, 2 * w, shape.inputs]);
  const [height, width] = size;
  return 2 * h === height && 2 * w === width ? full : tf.slice4d(full, [0, 0, 0, 0], [batch, height, width, shape.inputs]);
}

/** [k,k,I,O] → [k,k,O,I], rotated by 180°. */
function reversed(filter: tf.Tensor4D): tf.Tensor4D {
  const [k, , inputs, outputs] = filter.shape;
  const taps = Array.from({ length: k * k }, (_, i) => k * k - 1 - i);
  return tf.reshape(pickTaps(filter, taps), [k, k, outputs, inputs]);
}

/**
 * Kernel [n,n,O,4·I] (n = 2 for k = 3, 1 for k = 1) whose output channels (p, q, i) are input pixel (2m + p, 2n + q). With padding 1,
 * y[i] = Σ_a w[a] x[2i + a − 1]: even pixels see tap 1 of y[m]; odd ones tap 2 of y[m] and tap 0 of y[m + 1].
 */
function parities(filter: tf.Tensor4D): tf.Tensor4D {
  const [k, , inputs, outputs] = filter.shape;
  const seen =
    k === 3
      ? [
          [1, 2],
          [undefined, 0],
        ]
      : [[0, undefined]];
  // Taps by (u, v, p, q): offsets in y, then parities of the input pixel.
  const taps = seen.flatMap((row) =>
    seen.flatMap((column) => row.flatMap((a) => column.map((b) => (a === undefined || b === undefined ? undefined : a * k + b)))),
  );
  const n = seen.length;
  const split = tf.reshape(pickTaps(filter, taps), [n * n, 4, outputs, inputs]);
  return tf.reshape(tf.transpose(split, [0, 2, 1, 3]), [n, n, outputs, 4 * inputs]);
}

/** @param filter [k,k,I,O] @param taps row-major indices; zeros for undefined @returns [taps.length,O·I] */
function pickTaps(filter: tf.Tensor4D, taps: readonly (number | undefined)[]): tf.Tensor2D {
  const [k, , inputs, outputs] = filter.shape;
  return wasm.pickRows(tf.reshape(tf.transpose(filter, [0, 1, 3, 2]), [k * k, outputs * inputs]), taps);
}

/** Gradient with respect to the kernel. @param x [B,H,W,I] @param dy [B,h,w,O] @returns [k,k,I,O] */
export const filterGradient = (x: tf.Tensor4D, dy: tf.Tensor4D, kernel: 1 | 3, stride: Stride): tf.Tensor4D =>
  isTensorFlow() ? native.conv2dFilterGradient(x, dy, kernel, stride) : wasm.filterGradient(x, dy, kernel, stride);

/** Sum over all axes but the last: [..., C] → [C]. */
export function channelSum(x: tf.Tensor): tf.Tensor1D {
  const channels = x.shape.at(-1)!;
  const flat: tf.Tensor2D = tf.reshape(x, [x.size / channels, channels]);
  if (isTensorFlow()) return tf.sum(flat, 0);
  return x.rank === 4 ? wasm.channelSum(x as tf.Tensor4D) : tf.reshape(tf.matMul(tf.ones([1, flat.shape[0]]), flat), [channels]);
}
