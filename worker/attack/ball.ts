/** Steps and projections in an L∞ or L2 ball around the clean images, inside the pixel box [0,1]. Runs inside the caller's tidy. */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import { sign } from '../backend/elementwise.ts';

/** Guards the division by a norm that may be zero. */
const tiny = 1e-12;

/**
 * Per-example L2 norms, exact to a few float32 roundings. A sum of sums, because one running sum over a large image's squares loses digits
 * (a relative error of 2e-4 at 512 pixels). @param x [B,H,W,C] @returns [B,1,1,1]
 */
export function exampleNorm(x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows = tf.sum(tf.reshape(tf.square(x), [batch, height, width * channels]), 2);
  return tf.reshape(tf.sqrt(tf.sum(rows, 1)), [batch, 1, 1, 1]);
}

/** The direction of steepest ascent, of unit norm per example. @param gradient [B,H,W,C] */
export function ascent(gradient: tf.Tensor4D, norm: Norm): tf.Tensor4D {
  if (norm === 'linf') return sign(gradient);
  // Scaled before squaring, because gradients of confident networks are small enough to underflow.
  const largest = tf.maximum(tf.max(tf.abs(gradient), [1, 2, 3], true), 1e-30);
  const scaled: tf.Tensor4D = tf.div(gradient, largest);
  return tf.div(scaled, tf.maximum(exampleNorm(scaled), tiny));
}

/**
 * Moves images into the ball of radius epsilon around `clean` and the box [0,1]: they are projected onto the ball, then clipped. For L∞ the
 * results are the nearest points in both; for L2, as in the source paper's code, they are in both but not always the nearest. The bound
 * holds up to float32 rounding: half a unit in the last place of a pixel (6e-8) for L∞, 1e-6 (1 + epsilon) for L2.
 */
export function project(images: tf.Tensor4D, clean: tf.Tensor4D, epsilon: number, norm: Norm): tf.Tensor4D {
  const delta = tf.sub(images, clean);
  const inside =
    norm === 'linf'
      ? tf.clipByValue(delta, -epsilon, epsilon)
      : tf.mul(delta, tf.clipByValue(tf.div(epsilon, tf.maximum(exampleNorm(delta as tf.Tensor4D), tiny)), 0, 1));
  return tf.clipByValue(tf.add(clean, inside), 0, 1);
}

/** Norms of the examples' perturbations [B,1,1,1]. @param delta [B,H,W,C] */
export const perturbationSize = (delta: tf.Tensor4D, norm: Norm): tf.Tensor4D =>
  norm === 'linf' ? tf.max(tf.abs(delta), [1, 2, 3], true) : exampleNorm(delta);

/** Each image that is at most epsilon from its clean one, else the clean one [B,H,W,C]. @returns the caller's to dispose */
export const whereWithin = (clean: tf.Tensor4D, images: tf.Tensor4D, epsilon: number, norm: Norm): tf.Tensor4D =>
  tf.tidy(() => tf.where(tf.lessEqual(perturbationSize(tf.sub(images, clean), norm), epsilon), images, clean));
