/** Losses of logits that attacks climb. Everything runs inside the caller's tidy. */
import * as tf from '@tensorflow/tfjs-core';
import type { LogitLossName } from '@ncsweep/catalog/attacks/objective';

/** A loss per example as a function of its logits. */
export interface LogitLoss {
  /** @param logits [B,K] @param oneHot [B,K] @returns [B] */
  values(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor1D;
  /** d(Σ loss)/d(logits) [B,K] */
  gradient(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor2D;
}

/** Cross-entropy per example. @param logits [B,K] @param oneHot [B,K] @returns [B] */
export function crossEntropy(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor1D {
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot), 1));
}

/**
 * d(cross-entropy)/d(logits) [B,K] = softmax − oneHot, with the true class's entry computed as minus the sum of the others. For a
 * confident network softmax rounds to 1 and the difference to 0, which would silently weaken every attack.
 */
export function crossEntropyGradient(logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor2D {
  const others = tf.mul(tf.softmax(logits), tf.sub(1, oneHot));
  return tf.sub(others, tf.mul(oneHot, tf.sum(others, 1, true)));
}

/** Guards the division by a difference of logits that may be zero; Croce & Hein's constant. */
const tiny = 1e-12;

/** The logits of the ranks asked for, as one-hot selections of each row [B,K], rank 0 the largest. */
function ranked(logits: tf.Tensor2D, ranks: readonly number[]): readonly tf.Tensor2D[] {
  const classes = logits.shape[1];
  const { indices } = tf.topk(logits, Math.max(...ranks) + 1);
  return ranks.map((rank) => {
    const column = tf.reshape(tf.slice(indices, [0, rank], [-1, 1]), [-1]);
    return tf.cast(tf.oneHot(tf.cast(column, 'int32') as tf.Tensor1D, classes), 'float32') as tf.Tensor2D;
  });
}

const picked = (logits: tf.Tensor2D, selection: tf.Tensor2D): tf.Tensor2D => tf.sum(tf.mul(logits, selection), 1, true);

/** −numerator / (denominator + tiny), both linear in the logits with these coefficients [B,K], and its gradient. */
const ratio = (logits: tf.Tensor2D, over: tf.Tensor2D, under: tf.Tensor2D) => {
  const numerator = picked(logits, over); // [B,1]
  const denominator = tf.add(picked(logits, under), tiny);
  return {
    values: () => tf.reshape(tf.neg(tf.div(numerator, denominator)), [-1]) as tf.Tensor1D,
    gradient: (): tf.Tensor2D => tf.sub(tf.mul(tf.div(numerator, tf.square(denominator)), under), tf.div(over, denominator)),
  };
};

const fromRatio = (terms: (logits: tf.Tensor2D, oneHot: tf.Tensor2D) => ReturnType<typeof ratio>): LogitLoss => ({
  values: (logits, oneHot) => terms(logits, oneHot).values(),
  gradient: (logits, oneHot) => terms(logits, oneHot).gradient(),
});

/** Other classes' logits, with the true one's pushed below them all. */
const others = (logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor2D => tf.sub(logits, tf.mul(oneHot, 1e30));

/** −(z_y − max_{i≠y} z_i) / (z_(1) − z_(3)), where z_(i) is the i-th largest logit; at least 3 classes (Croce & Hein 2020, eq. 6). */
const differenceOfLogitsRatio = fromRatio((logits, oneHot) => {
  const [rival] = ranked(others(logits, oneHot), [0]);
  const [first, third] = ranked(logits, [0, 2]);
  return ratio(logits, tf.sub(oneHot, rival!), tf.sub(first!, third!));
});

/**
 * −(z_y − z_t) / (z_(1) − (z_(3) + z_(4))/2); at least 4 classes (Croce & Hein 2020, eq. 7).
 * @param target t, one-hot [B,K]
 */
export const targetedRatio = (target: tf.Tensor2D): LogitLoss =>
  fromRatio((logits, oneHot) => {
    const [first, third, fourth] = ranked(logits, [0, 2, 3]);
    return ratio(logits, tf.sub(oneHot, target), tf.sub(first!, tf.mul(0.5, tf.add(third!, fourth!))));
  });

/** The wrong class of each example that is `rank`-th by its logits, one-hot [B,K]; rank 0 is the likeliest. */
export const rivalOf = (logits: tf.Tensor2D, oneHot: tf.Tensor2D, rank: number): tf.Tensor2D =>
  ranked(others(logits, oneHot), [rank])[0]!;

/** How far the likeliest wrong class is above the right one [B]; above 0 for a misclassified example. */
export const marginOf = (logits: tf.Tensor2D, oneHot: tf.Tensor2D): tf.Tensor1D =>
  tf.sub(tf.max(others(logits, oneHot), 1), tf.reshape(picked(logits, oneHot), [-1]));

export const logitLosses: Readonly<Record<LogitLossName, LogitLoss>> = {
  ce: { values: crossEntropy, gradient: crossEntropyGradient },
  dlr: differenceOfLogitsRatio,
};
