/** Random offsets keyed by (seed, purpose, sample index), so batching and sharing change no number. The caller owns the tensors. */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import type { AttackStart } from '@ncsweep/protocol/compute/task-document';
import { fillNormal, fillUniform, randomKey, type RandomKey } from '../random.ts';

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

/** U[0,1) per pixel [B,H,W,C]. */
export function uniformDraws(seed: number, purpose: string, indices: Int32Array, image: Shape3): tf.Tensor4D {
  const key = randomKey(seed, purpose);
  return perSample(indices, image, (index, out) => fillUniform(key, index, out));
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

/** Uniform on the unit sphere per example [B,H,W,C]: normal draws divided by their L2 norm. */
export function sphereDraws(seed: number, purpose: string, indices: Int32Array, image: Shape3): tf.Tensor4D {
  const key = randomKey(seed, purpose);
  return perSample(indices, image, (index, out) => fillDirection(key, index, 1, out));
}

/**
 * Offsets of a random start in the unit ball [B,H,W,C]. `box`: U(−1,1) per pixel. Otherwise a random direction times a radius, which is U(0,1)
 * for `direction` (the source paper's code) and U(0,1)^(1/D) for `ball`, so that the point is uniform in the ball of L2.
 */
export function startDraws(
  seed: number,
  purpose: string,
  indices: Int32Array,
  image: Shape3,
  start: AttackStart['kind'],
): tf.Tensor4D {
  const uniform = randomKey(seed, purpose);
  if (start === 'box') {
    return perSample(indices, image, (index, out) => {
      fillUniform(uniform, index, out);
      for (let i = 0; i < out.length; i++) out[i] = 2 * out[i]! - 1;
    });
  }
  const normal = randomKey(seed, `${purpose}/direction`);
  const radius = new Float32Array(1);
  return perSample(indices, image, (index, out) => {
    fillUniform(uniform, index, radius);
    fillDirection(normal, index, start === 'ball' ? radius[0]! ** (1 / out.length) : radius[0]!, out);
  });
}

/** The start of Auto-PGD on the unit sphere of its norm [B,H,W,C]: in L∞ U(−1,1) per pixel, scaled so that the largest is 1; in L2 a random direction. */
export function surfaceDraws(seed: number, purpose: string, indices: Int32Array, image: Shape3, norm: Norm): tf.Tensor4D {
  if (norm === 'l2') return sphereDraws(seed, purpose, indices, image);
  const key = randomKey(seed, purpose);
  return perSample(indices, image, (index, out) => {
    fillUniform(key, index, out);
    for (let i = 0; i < out.length; i++) out[i] = 2 * out[i]! - 1;
    const largest = out.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    for (let i = 0; i < out.length; i++) out[i] = out[i]! / largest;
  });
}

/** A vector of length `radius` in a uniformly random direction. */
function fillDirection(key: RandomKey, index: number, radius: number, out: Float32Array): void {
  fillNormal(key, index, out);
  let square = 0;
  for (const v of out) square += v * v;
  const scale = radius / Math.sqrt(square);
  for (let i = 0; i < out.length; i++) out[i] = out[i]! * scale;
}
