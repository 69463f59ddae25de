/** ½ ‖z − e_y‖² of the logits z (Han, Papyan, Donoho 2022). */
import * as tf from '@tensorflow/tfjs-core';
import { lossOfLogits } from './loss-of-logits.ts';

export const meanSquaredErrorKernel = lossOfLogits<'mse'>({
  values: (logits, labels) => tf.mul(0.5, tf.sum(tf.square(tf.sub(logits, labels)), 1)),
  gradient: (logits, labels) => tf.sub(logits, labels),
});
