/** Cells: the commit units of a sweep, content-addressed (CONTRACTS.md "Identity"). */
import { digestOf } from './canonical.ts';
import type { BackendName, EvaluateParams, SnapshotParams } from './params.ts';

/**
 * Bumped alone when what it names changes meaning; a new metrics version re-evaluates and never retrains. Kernels that round differently
 * bump `train`: its snapshots are inputs of every evaluation, so that no sweep mixes the two.
 */
export const scienceVersions = { data: 1, train: 3, attack: 1, metrics: 2 } as const;

export interface SnapshotCell {
  readonly cellId: string;
  readonly kind: 'snapshot';
  readonly inputs: readonly [];
  readonly params: SnapshotParams;
  readonly numerics: { readonly backend: BackendName };
}

export interface EvaluateCell {
  readonly cellId: string;
  readonly kind: 'evaluate';
  /** [snapshot] for the clean cell; [snapshot, clean cell of the same split] for a perturbed one. */
  readonly inputs: readonly string[];
  readonly params: EvaluateParams;
  readonly numerics: { readonly backend: BackendName; readonly batchSize: number };
}

export type Cell = SnapshotCell | EvaluateCell;

export function snapshotCell(params: SnapshotParams, backend: BackendName): SnapshotCell {
  const { data, train } = scienceVersions;
  const body = { kind: 'snapshot', inputs: [], params, numerics: { backend } } as const;
  return { cellId: digestOf({ ...body, scienceVersions: { data, train } }), ...body };
}

/** @param inputs snapshot cell id first, then the clean cell's where the attack is not `none` */
export function evaluateCell(
  params: EvaluateParams,
  inputs: readonly string[],
  numerics: { backend: BackendName; batchSize: number },
): EvaluateCell {
  const { data, attack, metrics } = scienceVersions;
  const body = { kind: 'evaluate', inputs, params, numerics } as const;
  const versions = params.attack.kind === 'none' ? { data, metrics } : { data, attack, metrics };
  return { cellId: digestOf({ ...body, scienceVersions: versions }), ...body };
}
