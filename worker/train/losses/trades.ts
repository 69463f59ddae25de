/** TRADES (Zhang et al. 2019): CE(f(x), y) + β KL(f(x) ‖ f(x′)); gradients flow through both passes. */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy, crossEntropyGradient } from '../../attack/logit-losses.ts';
import { trainPass } from '../../model/train-pass.ts';
import { adversaryOf } from './adversary.ts';
import type { LossKernel } from './loss-kernel.ts';

export const tradesKernel: LossKernel<'trades'> = {
  adversary: adversaryOf,

  pass: (nodes, { images, perturbed, labels }, { beta }, state) => {
    if (perturbed === undefined) throw new TypeError('TRADES compares with adversarial examples; the batch has none');
    const batch = labels.shape[0];
    const clean = trainPass(nodes, images, state);
    const moved = trainPass(nodes, perturbed, state);
    const p = tf.softmax(clean.logits);
    const ratio = tf.sub(tf.logSoftmax(clean.logits), tf.logSoftmax(moved.logits));
    const divergence = tf.sum(tf.mul(p, ratio), 1, true); // [B,1]
    const dClean = tf.add(crossEntropyGradient(clean.logits, labels), tf.mul(tf.mul(p, tf.sub(ratio, divergence)), beta));
    const dMoved = tf.mul(tf.sub(tf.softmax(moved.logits), p), beta);
    clean.backward(tf.div(dClean, batch));
    moved.backward(tf.div(dMoved, batch));
    const loss = tf.add(tf.mean(crossEntropy(clean.logits, labels)), tf.mul(tf.mean(divergence), beta));
    return { loss: loss as tf.Scalar, logits: clean.logits };
  },
};
