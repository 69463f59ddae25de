import * as tf from '@tensorflow/tfjs-core';
import { climbedBy } from '@ncsweep/catalog/attacks/objective';
import { apgd, Strongest, type ApgdOptions } from '../apgd.ts';
import type { AttackedBatch, BudgetKernel } from '../attack-kernel.ts';
import { surfaceDraws } from '../draws.ts';
import { logitLosses, rivalOf, targetedRatio } from '../logit-losses.ts';

/** One run for each loss, from a start of its own. @param name of its draws @returns the strongest image of each example */
function strongestOf(
  { classifier, images, indices, seed, purpose, image, goals }: AttackedBatch,
  options: Pick<ApgdOptions, 'norm' | 'epsilon' | 'steps'>,
  name: string,
  lossesOf: (labels: tf.Tensor2D) => readonly ApgdOptions['loss'][],
): tf.Tensor4D {
  const labels = goals();
  const strongest = new Strongest(images);
  lossesOf(labels).forEach((loss, run) => {
    const start = surfaceDraws(seed, purpose(`${name}/${run}`), indices, image, options.norm);
    apgd(classifier, images, labels, { ...options, loss, start }, strongest);
    start.dispose();
  });
  labels.dispose();
  return strongest.images;
}

export const apgdKernel: BudgetKernel<'apgd'> = {
  perturb: ({ norm, steps, restarts, objective }, { epsilon }, batch) => {
    const loss = logitLosses[climbedBy(objective).loss];
    return strongestOf(batch, { norm, epsilon, steps }, 'apgd', () => Array.from({ length: restarts }, () => loss));
  },
};

export const apgdTargetedKernel: BudgetKernel<'apgd-t'> = {
  perturb: ({ norm, steps, targets }, { epsilon }, batch) => {
    const { classifier, images } = batch;
    let rivals: readonly tf.Tensor2D[] = [];
    const perturbed = strongestOf(batch, { norm, epsilon, steps }, 'apgd-t', (labels) => {
      rivals = tf.tidy(() => {
        const { logits } = classifier.trace(images);
        return Array.from({ length: Math.min(targets, logits.shape[1] - 1) }, (_, rank) => rivalOf(logits, labels, rank));
      });
      return rivals.map(targetedRatio);
    });
    tf.dispose([...rivals]);
    return perturbed;
  },
};
