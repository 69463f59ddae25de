/** Parts in TypeScript that an author begins with. @see first-parts.ts */
import type { FirstCode } from './first-code.ts';

export const firstAttack: FirstCode = {
  file: 'attacks.ts',
  function: 'stepsOfEqualSize',
  code: `/** Attacks: a function gets a batch and the values of its parameters, and returns perturbed images [B,H,W,C] within the budget. */
import type { AttackBatch } from '@ncsweep/worker/plugin/attack-batch';

export function stepsOfEqualSize(batch: AttackBatch, { steps }: { steps: number }) {
  const { tf, epsilon } = batch;
  let images = batch.images;
  for (let step = 0; step < steps; step++) {
    const direction = batch.ascent(batch.gradient(images));
    images = batch.project(tf.add(images, tf.mul(direction, (2.5 * epsilon) / steps)));
  }
  return images;
}
`,
};

export const firstLoss: FirstCode = {
  file: 'losses.ts',
  function: 'smooth',
  code: `/** Losses: a function gets a batch and the values of its parameters, and returns the batch's mean loss. */
import type { LossBatch } from '@ncsweep/worker/plugin/loss-batch';

export function smooth({ tf, images, adversarial, labels, logits }: LossBatch, { amount }: { amount: number }) {
  const outputs = logits(adversarial ?? images);
  const classes = outputs.shape[1];
  const targets = tf.add(tf.mul(tf.oneHot(labels, classes), 1 - amount), amount / classes);
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(outputs)), 1)));
}
`,
};
