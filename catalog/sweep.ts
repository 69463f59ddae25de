/**
 * A decoded, fully defaulted sweep: what planning, running and reporting read. The spec as a user writes it is `language/spec.ts`;
 * orchestrator/planning/spec turns one into the other.
 */
import type { Axis, SplitName, Pooling } from './axes.ts';
import type { LabelConvention } from './labels.ts';
import type { ArchitectureParams } from './architectures.ts';
import type { BackendName } from './backends.ts';
import type { ClaimSetName } from './claims.ts';
import type { DatasetParams } from './datasets.ts';
import type { Perturbing } from './attacks.ts';
import type { RecipeParams } from './params.ts';
import type { SweepMetric } from './plugins/plugged-metric.ts';
import type { FoundData } from '@ncsweep/protocol/found-data';
import type { FailureClass } from '@ncsweep/protocol/result';

/** A user's label with the parameters that enter ids; labels are unique within their axis. */
export interface Named<T> {
  readonly name: string;
  readonly params: T;
}

export interface Epsilon {
  /** As the user wrote it, e.g. "8/255". */
  readonly label: string;
  /** Reduced fraction "p/q" in [0,1] pixel units. */
  readonly value: string;
}

/** `last`: the recipe's final epoch. `snapshots`: every epoch of the sweep's `snapshots` that the recipe reaches. */
export type EpochSelector = number | 'last' | 'snapshots';

/** A point matches if, for every axis named, its label is one of those listed. */
export type PartialMatch = Readonly<Partial<Record<Axis, readonly string[]>>>;

export interface Grid {
  readonly name: string;
  readonly epochs: readonly EpochSelector[];
  /** Empty: clean evaluation only. */
  readonly attacks: readonly Named<Perturbing>[];
  readonly epsilons: readonly Epsilon[];
  /** Layer names, `all`, or `last`. */
  readonly layers: readonly string[];
  readonly poolings: readonly Pooling[];
  readonly splits: readonly SplitName[];
  readonly labels: readonly LabelConvention[];
  /** A point is kept when it matches one of `only` (if any) and none of `exclude`. */
  readonly only: readonly PartialMatch[];
  readonly exclude: readonly PartialMatch[];
  /** Each group's axes have equal length and advance together instead of crossing. */
  readonly zip: readonly (readonly Axis[])[];
}

export interface Execution {
  /** Worker processes on one machine, pods on a cluster. */
  readonly parallelism: number;
  /** `auto` is resolved once, at planning. */
  readonly backend: BackendName | 'auto';
  /** Examples per batch of attacks and evaluation. */
  readonly evaluationBatchSize: number;
  readonly retries: Readonly<Partial<Record<FailureClass, number>>>;
  /** Wall-clock bound of one attempt, ms. */
  readonly attemptDeadlineMs: number;
  readonly checkpointEveryMs: number;
}

export interface Sweep {
  readonly name: string;
  readonly question: string;
  readonly datasets: readonly Named<DatasetParams>[];
  readonly architectures: readonly Named<ArchitectureParams>[];
  readonly trainings: readonly Named<RecipeParams>[];
  readonly seeds: readonly number[];
  readonly snapshots: readonly number[];
  readonly grids: readonly Grid[];
  /** Metrics of plug-ins that every evaluation measures, if any. */
  readonly metrics?: readonly SweepMetric[] | undefined;
  readonly execution: Execution;
  readonly report: { readonly claims: readonly ClaimSetName[]; readonly confidence: number };
  /** Local paths of datasets and imported weights by digest; a hint that does not enter ids. */
  readonly sources: Readonly<Record<string, string>>;
  /** What the files of datasets hold, by digest, if examined; a hint that does not enter ids. */
  readonly found?: Readonly<Record<string, FoundData>> | undefined;
}
