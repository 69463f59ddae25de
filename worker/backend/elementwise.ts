/** Elementwise operations whose tfjs form is wrong or slow on one backend. Results belong to the caller (tidy). */
import * as tf from '@tensorflow/tfjs-core';
import { isTensorFlow, reluGrad } from './tensorflow-kernels.ts';

/** sign(x) with sign(0) = 0. The wasm kernel returns 0 for |x| ≤ 1.2e-7, which would silently weaken attacks. */
export const sign = <T extends tf.Tensor>(x: T): T =>
  tf.getBackend() === 'wasm' ? (tf.sub(tf.step(x), tf.step(tf.neg(x))) as T) : tf.sign(x);

/** dy where y > 0, else 0. @param y output of a ReLU */
export const reluGradient = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor =>
  isTensorFlow() ? reluGrad(dy, y) : tf.mul(dy, tf.step(y));

/** x repeated along its axes of size 1. The wasm kernel for this takes tens of times as long as a broadcasting addition. */
export const broadcast = <R extends tf.Rank>(x: tf.Tensor<R>, shape: tf.ShapeMap[R]): tf.Tensor<R> =>
  tf.getBackend() === 'wasm' ? tf.add(tf.zeros(shape), x) : tf.broadcastTo(x, shape);
