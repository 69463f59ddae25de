/** Predictions of a linear classifier, and how accurate they are. */
import type { Features } from './features.ts';
import { scalar, type MetricRecord } from './metric-record.ts';

/** W h + b, in float64 [B, K]. @param features [B, d] @param weights [K, d] @param bias [K] */
export function linearLogits(features: Features, weights: Float64Array, bias: Float64Array): Float64Array {
  const classes = bias.length;
  const dimension = weights.length / classes;
  const logits = new Float64Array((features.length / dimension) * classes);
  for (let at = 0; at < logits.length; at++) {
    const c = at % classes;
    const sample = (at - c) / classes;
    let sum = bias[c]!;
    for (let j = 0; j < dimension; j++) sum += features[sample * dimension + j]! * weights[c * dimension + j]!;
    logits[at] = sum;
  }
  return logits;
}

/** The class of the largest logit, the lowest on ties [B]. @param logits [B, K] */
export function argmaxRows(logits: Features, classes: number): Int32Array {
  return Int32Array.from({ length: logits.length / classes }, (_, b) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[b * classes + c]! > logits[b * classes + best]!) best = c;
    return best;
  });
}

/** Accuracy and cross-entropy of the network over all batches; the loss only when every batch has logits. */
export class OutcomePass {
  readonly #classes: number;
  #samples = 0;
  #right = 0;
  #loss = 0;

  constructor(classes: number) {
    this.#classes = classes;
  }

  /** @param labels [B] @param predictions [B] @param logits [B, K] */
  add(labels: Int32Array, predictions: Int32Array, logits?: Features): void {
    labels.forEach((label, b) => {
      this.#samples++;
      if (predictions[b] === label) this.#right++;
      this.#loss += logits === undefined ? NaN : crossEntropy(logits, b * this.#classes, this.#classes, label);
    });
  }

  finish(): readonly MetricRecord[] {
    return [...scalar('accuracy', this.#right / this.#samples), ...scalar('loss', this.#loss / this.#samples)];
  }
}

/** −log softmax(logits)_label, shifted by the largest logit so that nothing overflows. */
function crossEntropy(logits: Features, at: number, classes: number, label: number): number {
  let largest = -Infinity;
  for (let c = 0; c < classes; c++) largest = Math.max(largest, logits[at + c]!);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[at + c]! - largest);
  return Math.log(sum) + largest - logits[at + label]!;
}
