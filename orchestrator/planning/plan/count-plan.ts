/** Counts how large the plan of a sweep would be, without planning it: no cell is created and nothing is hashed. Pure. */
import type { Cell } from '@ncsweep/catalog/cell';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { PlanTooLargeError } from './plan.ts';
import { keptEpochs, trials } from './trials.ts';

export interface PlanCounts {
  readonly trials: number;
  /** Number of networks that are trained (or imported), regardless of their snapshots. */
  readonly trainings: number;
  readonly cells: Readonly<Record<Cell['kind'], number>>;
}

/** @returns the same numbers as `planSweep` @throws PlanTooLargeError as soon as there are more than `mostCells` */
export function countPlan(sweep: Sweep, mostCells = Infinity): PlanCounts {
  const trainings = new Set<string>();
  const snapshots = new Set<string>();
  /** Clean evaluations by snapshot and split; perturbed ones by place. */
  const clean = new Set<string>();
  const perturbed = new Set<string>();
  let count = 0;
  for (const { place } of trials(sweep)) {
    count += 1;
    const { key, trainingKey, training, epoch, split, attack } = place;
    if (!trainings.has(trainingKey)) {
      trainings.add(trainingKey);
      for (const kept of keptEpochs(sweep, training.params)) snapshots.add(`${trainingKey}.${kept}`);
    }
    snapshots.add(`${trainingKey}.${epoch}`);
    clean.add(`${trainingKey}.${epoch}.${split}`);
    if (attack.params.kind !== 'none') perturbed.add(key);
    if (snapshots.size + clean.size + perturbed.size > mostCells) throw new PlanTooLargeError(mostCells);
  }
  return {
    trials: count,
    trainings: trainings.size,
    cells: { snapshot: snapshots.size, evaluate: clean.size + perturbed.size },
  };
}
