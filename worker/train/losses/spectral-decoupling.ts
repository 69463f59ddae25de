/** CE(z, y) + ½ λ ‖z‖² of the logits z (Pezeshki et al. 2021). */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy, crossEntropyGradient } from '../../attack/logit-losses.ts';
import { lossOfLogits } from './loss-of-logits.ts';

export const spectralDecouplingKernel = lossOfLogits<'spectral-decoupling'>({
  values: (logits, labels, { lambda }) => tf.add(crossEntropy(logits, labels), tf.mul(lambda / 2, tf.sum(tf.square(logits), 1))),
  gradient: (logits, labels, { lambda }) => tf.add(crossEntropyGradient(logits, labels), tf.mul(lambda, logits)),
});
