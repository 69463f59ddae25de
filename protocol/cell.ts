/** Cells: the commit units of a sweep, content-addressed (CONTRACTS.md "Identity"). */
import { digestOf } from './canonical.ts';
import type { AttackParams, BackendName, EvaluateParams, RecipeParams, SnapshotParams, TrainingAttack } from './params.ts';

/**
 * Bumped alone when what it names changes meaning; a new metrics version re-evaluates and never retrains. Kernels that round differently
 * bump `train`: its snapshots are inputs of every evaluation, so that no sweep mixes the two. `attack` is the newest version of any attack;
 * `attackVersion` says which one an attack has.
 */
export const scienceVersions = { data: 1, train: 3, attack: 2, metrics: 2 } as const;

/** Of a cell's id and result, by name. */
export type CellVersions = Readonly<Partial<Record<keyof typeof scienceVersions, number>>>;

/** The version in which an attack last changed meaning, so that a change of one renames no cell of another (ADR 18: 2 is PGD in L2). */
export const attackVersion = (attack: AttackParams | TrainingAttack): number =>
  'norm' in attack && attack.norm === 'l2' ? 2 : 1;

/** The attack of a training counts from its version 2 on: ids of trainings had no version of it before. */
export function snapshotVersions(recipe: RecipeParams): CellVersions {
  const { data, train } = scienceVersions;
  const attack = recipe.kind === 'train' && recipe.attack ? attackVersion(recipe.attack) : 1;
  return attack === 1 ? { data, train } : { data, train, attack };
}

export function evaluateVersions(attack: AttackParams): CellVersions {
  const { data, metrics } = scienceVersions;
  return attack.kind === 'none' ? { data, metrics } : { data, attack: attackVersion(attack), metrics };
}

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
  const body = { kind: 'snapshot', inputs: [], params, numerics: { backend } } as const;
  return { cellId: digestOf({ ...body, scienceVersions: snapshotVersions(params.recipe) }), ...body };
}

/** @param inputs snapshot cell id first, then the clean cell's where the attack is not `none` */
export function evaluateCell(
  params: EvaluateParams,
  inputs: readonly string[],
  numerics: { backend: BackendName; batchSize: number },
): EvaluateCell {
  const body = { kind: 'evaluate', inputs, params, numerics } as const;
  return { cellId: digestOf({ ...body, scienceVersions: evaluateVersions(params.attack) }), ...body };
}
