/** What an attack of a plug-in sees (docs/plug-ins.md "Attacks"). */
import * as tf from '@tensorflow/tfjs-core';
import type { Norm } from '@ncsweep/catalog/attacks/norm';
import type { AttackedBatch } from '../attack/attack-kernel.ts';
import { ascent, project } from '../attack/ball.ts';
import { normalDraws, uniformDraws } from '../attack/draws.ts';
import { crossEntropyGradient } from '../attack/logit-losses.ts';
import type { Classifier } from '../attack/objective.ts';

export interface AttackBatch {
  /** TensorFlow.js, as the program uses it. */
  readonly tf: typeof tf;
  /** Clean [B,H,W,C] in [0,1] */
  readonly images: tf.Tensor4D;
  /** int32 [B] */
  readonly labels: tf.Tensor1D;
  /** Radius of the ball, in pixel units. */
  readonly epsilon: number;
  readonly norm: Norm;
  /** Images [B,H,W,C] → logits [B,K]; differentiable in the images. */
  readonly logits: (images: tf.Tensor4D) => tf.Tensor2D;
  /** d(Σ cross-entropy)/d(images) [B,H,W,C]; it does not vanish where the network is confident. */
  readonly gradient: (images: tf.Tensor4D) => tf.Tensor4D;
  /** Moves images into the ball around the clean ones and into [0,1]. */
  readonly project: (images: tf.Tensor4D) => tf.Tensor4D;
  /** The direction of steepest ascent, of unit norm per image; 0 where the gradient is 0. */
  readonly ascent: (gradient: tf.Tensor4D) => tf.Tensor4D;
  /** Draws [B,H,W,C] of U[0,1) by a purpose: equal for an image whatever batch it is in; another purpose draws anew. */
  readonly uniform: (purpose: string) => tf.Tensor4D;
  /** The same of N(0,1). */
  readonly normal: (purpose: string) => tf.Tensor4D;
}

/** A second pass makes the gradient, so that nothing of the first has to be kept. */
const differentiableLogits = (classifier: Classifier): AttackBatch['logits'] =>
  tf.customGrad<tf.Tensor2D>((images, save) => {
    const x = images as tf.Tensor4D;
    (save as tf.GradSaveFunc)([x]);
    const pull = (dLogits: tf.Tensor2D, [kept]: tf.Tensor[]): tf.Tensor4D => classifier.trace(kept as tf.Tensor4D).pull(dLogits);
    return { value: classifier.trace(x).logits, gradFunc: pull as (dy: tf.Tensor2D, saved: tf.Tensor[]) => tf.Tensor };
  });

/** Runs inside the caller's tidy. */
export function attackBatch(batch: AttackedBatch, epsilon: number, norm: Norm): AttackBatch {
  const { images, indices, classifier, goals, seed, purpose, image } = batch;
  const oneHot = goals();
  const named = (what: string): string => purpose(`plugin/${what}`);
  return {
    tf,
    images: tf.clone(images),
    labels: tf.argMax(oneHot, 1),
    epsilon,
    norm,
    logits: differentiableLogits(classifier),
    gradient: (at) =>
      tf.tidy(() => {
        const { logits, pull } = classifier.trace(at);
        return pull(crossEntropyGradient(logits, oneHot));
      }),
    project: (moved) => tf.tidy(() => project(moved, images, epsilon, norm)),
    ascent: (gradient) => tf.tidy(() => ascent(gradient, norm)),
    uniform: (what) => uniformDraws(seed, named(what), indices, image),
    normal: (what) => normalDraws(seed, named(what), indices, image),
  };
}
