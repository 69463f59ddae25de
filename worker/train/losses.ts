/** The training losses: forward, loss and weight gradients of one batch. Both run inside the caller's tidy and fill `state`. */
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropy, crossEntropyGradient } from '../attack/objective.ts';
import { isTensorFlow, softmaxCrossEntropy } from '../backend/tensorflow-kernels.ts';
import type { Node } from '../model/node.ts';
import { trainPass, type PassState } from '../model/train-pass.ts';

export interface LossPass {
  /** Mean over the batch. */
  readonly loss: tf.Scalar;
  /** [B,K] */
  readonly logits: tf.Tensor2D;
}

/** @param images [B,H,W,C] @param labels one-hot [B,K] */
export function crossEntropyPass(nodes: readonly Node[], images: tf.Tensor4D, labels: tf.Tensor2D, state: PassState): LossPass {
  const pass = trainPass(nodes, images, state);
  pass.backward(tf.div(crossEntropyGradient(pass.logits, labels), labels.shape[0]));
  // Read for progress only. The attacks' cross-entropy is nine operations, and rounds differently.
  const losses = isTensorFlow() ? softmaxCrossEntropy(pass.logits, labels) : crossEntropy(pass.logits, labels);
  return { loss: tf.mean(losses), logits: pass.logits };
}

/**
 * TRADES (Zhang et al. 2019): CE(f(x), y) + β KL(f(x) ‖ f(x′)); gradients flow through both passes.
 * @param batch x and x′ [B,H,W,C], one-hot labels [B,K]
 */
export function tradesPass(
  nodes: readonly Node[],
  { images, perturbed, labels }: { images: tf.Tensor4D; perturbed: tf.Tensor4D; labels: tf.Tensor2D },
  beta: number,
  state: PassState,
): LossPass {
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
}
