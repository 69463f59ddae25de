/** Rows of the tables in which results are gathered. */
import type { AttackTiming } from './result.ts';

export type TrialState = 'done' | 'missing' | 'parked' | 'blocked';

/** One trial: cell × layer × pooling × label convention. Its columns are the science columns of results.csv, in this order. */
export interface TrialRow {
  /** First 16 hex digits of sha256 over {cellId, layer, pooling, labels}. */
  readonly trialId: string;
  readonly cellId: string;
  readonly dataset: string;
  readonly architecture: string;
  readonly training: string;
  readonly seed: number;
  readonly epoch: number;
  /** `none` at epsilon 0. */
  readonly attack: string;
  /** Label, e.g. "8/255"; "0" for clean images. */
  readonly epsilon: string;
  readonly split: 'train' | 'test';
  readonly layer: string;
  /** Position of the layer, 0 = input. */
  readonly depth: number;
  readonly pooling: string;
  readonly labels: string;
  readonly state: TrialState;
  /** Scalar metrics by record name (catalog/metrics/); empty unless done. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** An entry of a per-class vector (col = 0) or a classes × classes matrix. */
export interface MatrixRow {
  readonly trialId: string;
  readonly metric: string;
  readonly row: number;
  readonly col: number;
  readonly value: number;
}

/** Provenance: everything that may differ between two runs with equal science. */
export interface CellRow {
  readonly cellId: string;
  readonly kind: 'snapshot' | 'evaluate';
  readonly inputs: readonly string[];
  readonly params: unknown;
  readonly state: TrialState;
  /** Failure class and message of a parked cell, or what a blocked cell waits for. */
  readonly reason?: string;
  readonly attemptId?: string;
  readonly buildId?: string;
  readonly backend?: string;
  readonly threads?: number;
  readonly device?: string;
  readonly versions?: Readonly<Record<string, string>>;
  readonly resultSha256?: string;
  readonly computeMs?: number;
  /** Set for a finished perturbed evaluation. */
  readonly attackTiming?: AttackTiming;
  /** Scalars that belong to the cell rather than to a layer: training loss, share of zero gradients. */
  readonly scalars?: Readonly<Record<string, number>>;
}

/**
 * Artifact `metrics.parquet` of an evaluate cell, with one line per number and the columns layer, pooling, labels, metric (strings), row, col
 * (int32, −1 where not applicable) and value (float64). Network-wide numbers (accuracy, loss) are not repeated per layer: layer = "", pooling = "".
 */
export interface MetricLine {
  readonly layer: string;
  readonly pooling: string;
  readonly labels: string;
  readonly metric: string;
  readonly row: number;
  readonly col: number;
  readonly value: number;
}
