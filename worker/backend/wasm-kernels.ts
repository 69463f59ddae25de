/**
 * What the wasm backend lacks or does slowly, composed from what it does fast: XNNPACK's convolutions, pools and matrix products. Results
 * belong to the caller (tidy).
 */
import * as tf from '@tensorflow/tfjs-core';

/** The backend's memory, as its own JavaScript kernels use it. */
interface WasmBackend {
  makeOutput(shape: readonly number[], dtype: 'float32'): tf.TensorInfo;
  /** A view, valid until the next tensor is created. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
}

const backend = (): WasmBackend => tf.backend() as unknown as WasmBackend;

/** Σ over all axes but the last: pools over the pixels of each image, which reads every number once, then adds up the images. */
export function channelSum(x: tf.Tensor4D): tf.Tensor1D {
  const [batch, height, width, channels] = x.shape;
  const means: tf.Tensor2D = tf.reshape(tf.avgPool(x, [height, width], 1, 'valid'), [batch, channels]);
  return tf.reshape(tf.matMul(tf.fill([1, batch], height * width), means), [channels]);
}

/** x·scale + shift per channel: a depthwise convolution is faster than broadcasting operations. @param x [B,H,W,C] @param scale [C] @param shift [C] */
export function affine(x: tf.Tensor4D, scale: tf.Tensor1D, shift: tf.Tensor1D): tf.Tensor4D {
  const filter: tf.Tensor4D = tf.reshape(scale, [1, 1, scale.shape[0], 1]);
  return tf.fused.depthwiseConv2d({ x, filter, strides: 1, pad: 'valid', bias: shift });
}

/**
 * Picks rows of a matrix by index, with rows of zeros for undefined, as a product with a matrix of ones and zeros.
 * @param rows [R,D] @returns [indices.length,D]
 */
export function pickRows(rows: tf.Tensor2D, indices: readonly (number | undefined)[]): tf.Tensor2D {
  const [count] = rows.shape;
  const picks = new Float32Array(indices.length * count);
  for (const [i, index] of indices.entries()) if (index !== undefined) picks[i * count + index] = 1;
  return tf.matMul(tf.tensor2d(picks, [indices.length, count]), rows);
}

/**
 * Gradient of a convolution's kernel: for each tap, the product of the images, shifted by that tap, with the gradient. Pixels are the
 * long axis of both, in the order [y,x,B], so that whole rows of pixels move at once.
 * @param x [B,H,W,I] @param dy [B,h,w,O] @returns [k,k,I,O]
 */
export function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, kernel: number, stride: number): tf.Tensor4D {
  const [, height, width, inputs] = x.shape;
  const [batch, h, w, outputs] = dy.shape;
  // Sixteen extra pixels, because rows a power of two apart would compete for the same few cache lines.
  const images: tf.Tensor2D = tf.transpose(tf.concat([pixels(x), tf.zeros<tf.Rank.R2>([16, inputs])]));
  const gradient = pixels(dy);
  const margin = (kernel - 1) / 2;
  const taps = Array.from({ length: kernel ** 2 }, (_, tap) => {
    const from = [Math.floor(tap / kernel) - margin, (tap % kernel) - margin] as const;
    return tf.matMul(movedPixels(images, { from, stride, source: [height, width], size: [h, w], batch }), gradient);
  });
  return tf.reshape(tf.concat(taps), [kernel, kernel, inputs, outputs]);
}

/** [B,H,W,C] → [H·W·B,C] */
function pixels(x: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x.shape;
  const rows = tf.transpose(tf.reshape(x, [batch, height * width, channels]), [1, 0, 2]);
  return tf.reshape(rows, [height * width * batch, channels]);
}

interface Move {
  readonly from: readonly [number, number];
  readonly stride: number;
  /** [H,W] */
  readonly source: readonly [number, number];
  /** [h,w] */
  readonly size: readonly [number, number];
  readonly batch: number;
}

/** The pixels (from + stride · (y, x)) for y < h and x < w, zero outside the image. @param images [I,≥H·W·B] @returns [I,h·w·B] */
function movedPixels(images: tf.Tensor2D, { from, stride, source: [height, width], size: [h, w], batch }: Move): tf.Tensor2D {
  const [channels, row] = images.shape;
  const made = backend().makeOutput([channels, h * w * batch], 'float32');
  const source = backend().typedArrayFromHeap(images);
  const target = backend().typedArrayFromHeap(made);
  const firstX = Math.max(0, Math.ceil(-from[1] / stride));
  const endX = Math.min(w, Math.ceil((width - from[1]) / stride));
  const together = stride === 1 ? endX - firstX : 1;
  for (let line = 0; line < channels * h; line++) {
    const start = line * w * batch;
    const y = from[0] + stride * (line % h);
    const inside = y >= 0 && y < height;
    target.fill(0, start, start + (inside ? firstX : w) * batch);
    if (!inside) continue;
    target.fill(0, start + endX * batch, start + w * batch);
    for (let x = firstX; x < endX; x += together) {
      const pixel = Math.floor(line / h) * row + (y * width + from[1] + stride * x) * batch;
      target.set(source.subarray(pixel, pixel + together * batch), start + x * batch);
    }
  }
  return tf.engine().makeTensorFromTensorInfo(made) as tf.Tensor2D;
}
