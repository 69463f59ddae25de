/**
 * The points of one grid, with axes as the user wrote them: crossed, zipped, narrowed; epochs, layers and poolings are not yet
 * resolved.
 */
import { axes as order } from '@ncsweep/catalog/axes';
import type { Pooling, Axis } from '@ncsweep/catalog/axes';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { RecipeParams } from '@ncsweep/catalog/params';
import type { DatasetParams } from '@ncsweep/catalog/datasets';
import type { Epsilon, EpochSelector, Grid, Named, PartialMatch, Sweep } from '@ncsweep/catalog/sweep';
import type { LabelConvention } from '@ncsweep/catalog/labels';

export interface Axes {
  readonly dataset: readonly Named<DatasetParams>[];
  readonly architecture: readonly Named<ArchitectureParams>[];
  readonly training: readonly Named<RecipeParams>[];
  readonly seed: readonly number[];
  readonly epoch: readonly EpochSelector[];
  readonly split: readonly ('train' | 'test')[];
  readonly attack: readonly Named<AttackParams>[];
  readonly epsilon: readonly Epsilon[];
  readonly layer: readonly string[];
  readonly pooling: readonly Pooling[];
  readonly labels: readonly LabelConvention[];
}

/** An index into each axis. The generator reuses one object, so copy what must outlive a step. */
export type Indices = Record<Axis, number>;

const clean: Named<AttackParams> = { name: 'none', params: { kind: 'none' } };

/** @returns the axes of the grid and of the sweep; a grid without attacks evaluates only clean data */
export const axesOf = (sweep: Sweep, grid: Grid): Axes => ({
  dataset: sweep.datasets,
  architecture: sweep.architectures,
  training: sweep.trainings,
  seed: sweep.seeds,
  epoch: grid.epochs,
  split: grid.splits,
  attack: grid.attacks.length > 0 ? grid.attacks : [clean],
  epsilon: grid.attacks.length > 0 ? grid.epsilons : grid.epsilons.filter((e) => e.value === '0/1'),
  layer: grid.layers,
  pooling: grid.poolings,
  labels: grid.labels,
});

/** Every combination of indices that the grid's zips allow. Axes zipped together advance with the outermost of them. */
export function* gridPoints(axes: Axes, zip: Grid['zip']): Generator<Indices> {
  const at = Object.fromEntries(order.map((axis) => [axis, 0])) as Indices;
  const leaderOf = new Map<Axis, Axis>();
  for (const group of zip) {
    const [leader, ...followers] = order.filter((axis) => group.includes(axis));
    if (leader !== undefined) for (const axis of followers) leaderOf.set(axis, leader);
  }
  function* descend(level: number): Generator<Indices> {
    const axis = order[level];
    if (axis === undefined) {
      yield at;
      return;
    }
    const leader = leaderOf.get(axis);
    const size = axes[axis].length;
    const from = leader === undefined ? 0 : at[leader];
    const to = leader === undefined ? size : Math.min(from + 1, size);
    for (let i = from; i < to; i += 1) {
      at[axis] = i;
      yield* descend(level + 1);
    }
  }
  yield* descend(0);
}

/** The labels by which a resolved value may be named: as written (`last`, `all`) and as resolved (`80`, `conv2`). */
export type Labels = (axis: Axis) => readonly string[];

const matches = (match: PartialMatch, labels: Labels): boolean =>
  Object.entries(match).every(([axis, listed]) => labels(axis as Axis).some((label) => listed.includes(label)));

/** A point stays when it matches one of `only` (if there are any) and none of `exclude`. */
export const isKept = (grid: Grid, labels: Labels): boolean =>
  (grid.only.length === 0 || grid.only.some((m) => matches(m, labels))) && !grid.exclude.some((m) => matches(m, labels));
