/** Attacks on images [B,H,W,C] in [0,1]. */
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { AttackBatch } from '@ncsweep/worker/plugin/attack-batch';

/** FGSM in steps along an average of the gradients, each divided by its mean absolute value. */
export function miFgsm(batch: AttackBatch, { steps, decay }: { steps: number; decay: number }): Tensor4D {
  const { tf, epsilon } = batch;
  let images = batch.images;
  let average = tf.zerosLike(images);
  for (let step = 0; step < steps; step++) {
    const gradient = batch.gradient(images);
    const size = tf.maximum(tf.mean(tf.abs(gradient), [1, 2, 3], true), 1e-30);
    average = tf.add(tf.mul(average, decay), tf.div(gradient, size));
    images = batch.project(tf.add(images, tf.mul(batch.ascent(average), epsilon / steps)));
  }
  return images;
}
