/** TRADES (Zhang et al. 2019): CE(f(x), y) + β KL(f(x) ‖ f(x′)); gradients flow through both passes. */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy, crossEntropyGradient } from '../../attack/logit-losses.ts';
import { trainPass } from '../../model/train-pass.ts';
import type { LossKernel } from './loss-kernel.ts';

/** Standard deviation of the noise at the start of an attack, pixel units. */
const startDeviation = 0.001;

export const tradesKernel: LossKernel<'trades'> = {
  /** Climbs KL(f(x) ‖ f(x′)) from x + 0.001·N(0,I). */
  adversary: ({ network, images, epsilon, draw }) => {
    const noise = draw.normal();
    const start = tf.mul<tf.Tensor4D>(noise, startDeviation / epsilon);
    noise.dispose();
    const p = tf.tidy(() => tf.softmax(network.trace(images).value as tf.Tensor2D));
    return {
      objective: {
        gradient: (x) => {
          const { value, pull } = network.trace(x);
          return pull(tf.sub(tf.softmax(value as tf.Tensor2D), p)) as tf.Tensor4D;
        },
        loss: (x) => crossEntropy(network.trace(x).value as tf.Tensor2D, p),
      },
      start,
      dispose: () => tf.dispose([start, p]),
    };
  },

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
