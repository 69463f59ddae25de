/** What an attack or noise does with a batch. One for each of the catalog. */
import type { attacks, AttackKind, Perturbing } from '@ncsweep/catalog/attacks';
import type * as tf from '@tensorflow/tfjs-core';
import type { Objective } from './objective.ts';

export interface AttackedBatch {
  /** Clean [B,H,W,C] in [0,1] */
  readonly images: tf.Tensor4D;
  /** Index of each example in its split: keys the draws [B] */
  readonly indices: Int32Array;
  /** What it climbs. */
  readonly objective: Objective;
  /** Whether the goals are targets to approach, not labels to leave. */
  readonly isTargeted: boolean;
  /** One-hot labels [B,K]. @returns the caller's to dispose */
  readonly goals: () => tf.Tensor2D;
  readonly seed: number;
  /** Names a draw of this attack on this split. */
  readonly purpose: (what: string) => string;
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
}

/** One gradient or draw serves every budget. */
interface SharedKernel<K extends AttackKind> {
  /** What is added epsilon times [B,H,W,C]. @returns the caller's to dispose */
  offsets(params: Perturbing<K>, batch: AttackedBatch): tf.Tensor4D;
}

/** Every budget is attacked by itself. */
interface BudgetKernel<K extends AttackKind> {
  /** @param epsilon pixel units @returns perturbed images [B,H,W,C], the caller's to dispose */
  perturb(params: Perturbing<K>, epsilon: number, batch: AttackedBatch): tf.Tensor4D;
}

export type AttackKernel<K extends AttackKind> = (typeof attacks)[K]['sharesWork'] extends true
  ? SharedKernel<K>
  : BudgetKernel<K>;

/** A kernel of either form, called with its own attack's params, which the compiler does not follow. */
export type AnyKernel = SharedKernel<AttackKind> | BudgetKernel<AttackKind>;
