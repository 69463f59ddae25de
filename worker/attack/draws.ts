/** Random offsets keyed by (seed, purpose, sample index), so that batching and sharing change no number. The caller owns the tensors. */
import * as tf from '@tensorflow/tfjs-core';
import { fillNormal, fillUniform, randomKey } from '../random.ts';
import type { Norm } from './ball.ts';

type Shape3 = readonly [number, number, number];

function perSample(
  indices: Int32Array,
  [height, width, channels]: Shape3,
  fill: (index: number, out: Float32Array) => void,
): tf.Tensor4D {
  const size = height * width * channels;
  const values = new Float32Array(indices.length * size);
  indices.forEach((index, i) => fill(index, values.subarray(i * size, (i + 1) * size)));
  return tf.tensor4d(values, [indices.length, height, width, channels]);
}

/** N(0,1) per pixel [B,H,W,C]. */
export function normalDraws(seed: number, purpose: string, indices: Int32Array, image: Shape3): tf.Tensor4D {
  const key = randomKey(seed, purpose);
  return perSample(indices, image, (index, out) => fillNormal(key, index, out));
}

/** sign(N(0,1)) per pixel: ±1 [B,H,W,C]. */
export function signDraws(seed: number, purpose: string, indices: Int32Array, image: Shape3): tf.Tensor4D {
  const key = randomKey(seed, purpose);
  return perSample(indices, image, (index, out) => {
    fillNormal(key, index, out);
    for (let i = 0; i < out.length; i++) out[i] = out[i]! < 0 ? -1 : 1;
  });
}

/** Start offsets of unit radius [B,H,W,C]: U(−1,1) per pixel for L∞; uniform in the unit ball (a normal direction, radius U^(1/D)) for L2. */
export function startDraws(seed: number, purpose: string, indices: Int32Array, image: Shape3, norm: Norm): tf.Tensor4D {
  const uniform = randomKey(seed, purpose);
  if (norm === 'linf') {
    return perSample(indices, image, (index, out) => {
      fillUniform(uniform, index, out);
      for (let i = 0; i < out.length; i++) out[i] = 2 * out[i]! - 1;
    });
  }
  const normal = randomKey(seed, `${purpose}/direction`);
  const radius = new Float32Array(1);
  return perSample(indices, image, (index, out) => {
    fillNormal(normal, index, out);
    fillUniform(uniform, index, radius);
    const scale = radius[0]! ** (1 / out.length) / Math.hypot(...out);
    for (let i = 0; i < out.length; i++) out[i] = out[i]! * scale;
  });
}
