/** Losses of the logits of a single pass: of adversarial examples where the training has an attack, else of the clean images. */
import * as tf from '@tensorflow/tfjs-core';
import type { CatalogLoss, LossName } from '@ncsweep/catalog/losses';
import { trainPass } from '../../model/train-pass.ts';
import { adversaryOf } from './adversary.ts';
import type { LossKernel } from './loss-kernel.ts';

/** @param logits [B,K] @param labels one-hot [B,K] */
type OfLogits<L extends LossName, T extends tf.Tensor> = (logits: tf.Tensor2D, labels: tf.Tensor2D, params: CatalogLoss<L>) => T;

/** A loss per example, and its derivative by the logits. */
interface LogitTerms<L extends LossName> {
  /** [B] */
  readonly values: OfLogits<L, tf.Tensor1D>;
  /** [B,K] */
  readonly gradient: OfLogits<L, tf.Tensor2D>;
}

/** The kernel of such a loss. */
export const lossOfLogits = <L extends LossName>({ values, gradient }: LogitTerms<L>): LossKernel<L> => ({
  adversary: adversaryOf,

  pass: (nodes, { images, perturbed, labels }, params, state) => {
    const pass = trainPass(nodes, perturbed ?? images, state);
    pass.backward(tf.div(gradient(pass.logits, labels, params), labels.shape[0]));
    return { loss: tf.mean(values(pass.logits, labels, params)), logits: pass.logits };
  },
});
