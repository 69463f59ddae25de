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
  const trainings = new Set<number>();
  /** Kept snapshots and evaluated ones, by training number and epoch. */
  const snapshots = new Set<string>();
  /** Clean evaluations by snapshot number and split; perturbed ones are counted as they come. */
  const clean = new Set<string>();
  let [count, perturbed, latest] = [0, 0, -1];
  for (const { place } of trials(sweep)) {
    count += 1;
    // Cells get their numbers in the order in which they come.
    if (place.cellNumber <= latest) continue;
    latest = place.cellNumber;
    const { trainingNumber, snapshotNumber, training, epoch, split, attack } = place;
    if (!trainings.has(trainingNumber)) {
      trainings.add(trainingNumber);
      for (const kept of keptEpochs(sweep, training.params)) snapshots.add(`${trainingNumber}.${kept}`);
    }
    snapshots.add(`${trainingNumber}.${epoch}`);
    clean.add(`${snapshotNumber}.${split}`);
    if (attack.params.kind !== 'none') perturbed += 1;
    if (snapshots.size + clean.size + perturbed > mostCells) throw new PlanTooLargeError(mostCells);
  }
  return {
    trials: count,
    trainings: trainings.size,
    cells: { snapshot: snapshots.size, evaluate: clean.size + perturbed },
  };
}
