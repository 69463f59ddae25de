/** What an attack or noise does with a batch. Each one in the catalog has a kernel. */
import type { attacks, AttackKind, ResolvedAttack } from '@ncsweep/catalog/attacks';
import type * as tf from '@tensorflow/tfjs-core';
import type { Classifier, Objective } from './objective.ts';

export interface AttackedBatch {
  /** Clean [B,H,W,C] in [0,1] */
  readonly images: tf.Tensor4D;
  /** Index of each example in its split; keys the draws [B] */
  readonly indices: Int32Array;
  /** What is attacked. */
  readonly classifier: Classifier;
  /** The loss that the attack climbs. */
  readonly objective: Objective;
  /** Whether the goals are targets to approach rather than labels to leave. */
  readonly isTargeted: boolean;
  /** One-hot labels [B,K]. @returns the caller's to dispose */
  readonly goals: () => tf.Tensor2D;
  readonly seed: number;
  /** Names a draw of this attack on this split. */
  readonly purpose: (what: string) => string;
  /** [height, width, channels] */
  readonly image: readonly [number, number, number];
}

/** Pixel units. */
export interface Budget {
  readonly epsilon: number;
  /** Of an iterated attack. */
  readonly stepSize?: number | undefined;
}

/** For attacks of which one gradient or draw serves every budget. */
export interface SharedKernel<K extends AttackKind> {
  /** Offsets that are added times epsilon [B,H,W,C]. @returns the caller's to dispose */
  offsets(params: ResolvedAttack<K>, batch: AttackedBatch): tf.Tensor4D;
}

/** For attacks that look for the nearest misclassified image, which serves every budget that reaches it. */
export interface NearestKernel<K extends AttackKind> {
  /** The clean image where it is misclassified itself, and where none is found [B,H,W,C]. @returns the caller's to dispose */
  nearest(params: ResolvedAttack<K>, batch: AttackedBatch): tf.Tensor4D;
}

/** For attacks that treat every budget separately. */
export interface BudgetKernel<K extends AttackKind> {
  /** @returns perturbed images [B,H,W,C], the caller's to dispose */
  perturb(params: ResolvedAttack<K>, budget: Budget, batch: AttackedBatch): tf.Tensor4D;
}

/** One attack of several: which examples of a batch fall [B]. */
export type Stage = (batch: AttackedBatch) => Uint8Array;

/** For attacks whose later stages try the examples that the earlier ones left right. */
export interface CascadeKernel<K extends AttackKind> {
  /** The first stage, on all examples. @returns the images that are measured, the caller's to dispose, and which examples have fallen [B] */
  first(
    params: ResolvedAttack<K>,
    budget: Budget,
    batch: AttackedBatch,
  ): { readonly images: tf.Tensor4D; readonly fallen: Uint8Array };
  later(params: ResolvedAttack<K>, budget: Budget, classes: number): readonly Stage[];
}

export type AttackKernel<K extends AttackKind> = (typeof attacks)[K]['sharesWork'] extends true
  ? SharedKernel<K> | NearestKernel<K>
  : BudgetKernel<K> | CascadeKernel<K>;

/** A kernel of any form, called with its own attack's params, which the compiler cannot check. */
export type AnyKernel =
  SharedKernel<AttackKind> | NearestKernel<AttackKind> | BudgetKernel<AttackKind> | CascadeKernel<AttackKind>;
