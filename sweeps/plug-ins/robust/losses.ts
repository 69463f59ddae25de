/** Training losses. */
import type { Scalar } from '@tensorflow/tfjs-core';
import type { LossBatch } from '@ncsweep/worker/plugin/loss-batch';

/** Boosted cross-entropy of the adversarial examples + beta · KL(f(x) ‖ f(x′)) weighted by 1 − f(x)_y. */
export function mart({ tf, images, adversarial, labels, logits }: LossBatch, { beta }: { beta: number }): Scalar {
  const clean = logits(images);
  const moved = logits(adversarial!);
  const oneHot = tf.cast(tf.oneHot(labels, clean.shape[1]), 'float32');
  const [p, q] = [tf.softmax(clean), tf.softmax(moved)];
  const mostOther = tf.max(tf.sub(q, tf.mul(oneHot, 2)), 1);
  const crossEntropy = tf.neg(tf.sum(tf.mul(tf.logSoftmax(moved), oneHot), 1));
  const boosted = tf.mean(tf.sub(crossEntropy, tf.log(tf.sub(1.0001, mostOther))));
  const divergence = tf.sum(tf.mul(p, tf.sub(tf.logSoftmax(clean), tf.logSoftmax(moved))), 1);
  const doubt = tf.sub(1, tf.sum(tf.mul(p, oneHot), 1));
  return tf.add(boosted, tf.mul(tf.mean(tf.mul(divergence, doubt)), beta));
}
