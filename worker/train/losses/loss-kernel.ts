/** What a training loss does with a batch. Each loss in the catalog has a kernel. All but `adversary` runs inside the caller's tidy. */
import type { CatalogLoss, LossName } from '@ncsweep/catalog/losses';
import type { Node } from '@ncsweep/catalog/network/node';
import type { TrainingAttackDocument } from '@ncsweep/protocol/compute/task-document';
import type * as tf from '@tensorflow/tfjs-core';
import type { Objective } from '../../attack/objective.ts';
import type { FrozenNetwork } from '../../model/frozen-network.ts';
import type { PassState } from '../../model/train-pass.ts';

export interface LossBatch {
  /** [B,H,W,C] in [0,1] */
  readonly images: tf.Tensor4D;
  /** one-hot [B,K] */
  readonly labels: tf.Tensor2D;
  /** Adversarial examples [B,H,W,C]; undefined without an attack. */
  readonly perturbed: tf.Tensor4D | undefined;
}

export interface LossPass {
  /** Mean over the batch. */
  readonly loss: tf.Scalar;
  /** [B,K] */
  readonly logits: tf.Tensor2D;
}

/** What making adversarial examples needs. */
export interface AttackedBatch {
  /** The current weights, in eval mode. */
  readonly network: FrozenNetwork;
  readonly images: tf.Tensor4D;
  readonly attack: TrainingAttackDocument;
  /** Draws keyed by the step and the examples; the caller's to dispose. */
  readonly draw: { normal(): tf.Tensor4D; start(): tf.Tensor4D };
}

/** What the training's attack climbs, and from where. */
export interface Adversary {
  readonly objective: Objective;
  /** Offset from the clean images in units of epsilon [B,H,W,C]; undefined: none. */
  readonly start: tf.Tensor4D | undefined;
  dispose(): void;
}

export interface LossKernel<L extends LossName> {
  /** @returns the caller's to dispose */
  adversary(batch: AttackedBatch): Adversary;
  /** Forward pass, loss, and gradients of the weights, which are added to `state`. */
  pass(nodes: readonly Node[], batch: LossBatch, params: CatalogLoss<L>, state: PassState): LossPass;
}
