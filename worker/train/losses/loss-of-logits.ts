/** Losses of the logits of a single pass: of adversarial examples where the training has an attack, else of the clean images. */
import * as tf from '@tensorflow/tfjs-core';
import type { CatalogLoss, LossName } from '@ncsweep/catalog/losses';
import { networkObjective } from '../../attack/objective.ts';
import { trainPass } from '../../model/train-pass.ts';
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

/** The kernel of such a loss. Its attack climbs the cross-entropy with the labels. */
export const lossOfLogits = <L extends LossName>({ values, gradient }: LogitTerms<L>): LossKernel<L> => ({
  adversary: ({ network, attack, draw }) => {
    const start = attack.start.kind !== 'clean' ? draw.start() : undefined;
    return { objective: networkObjective(network), start, dispose: () => start?.dispose() };
  },

  pass: (nodes, { images, perturbed, labels }, params, state) => {
    const pass = trainPass(nodes, perturbed ?? images, state);
    pass.backward(tf.div(gradient(pass.logits, labels, params), labels.shape[0]));
    return { loss: tf.mean(values(pass.logits, labels, params)), logits: pass.logits };
  },
});
