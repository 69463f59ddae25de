/** What a script or a process is told to do: one training and evaluations of it. Pure. */
import type { View } from '@ncsweep/catalog/views';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import type { Place, Trial } from '@ncsweep/orchestrator/planning/plan/trial';
import type { Lineage } from '@ncsweep/catalog/params';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { type Evaluation, gridPlaces, lineageKey, lineageOf, paramsOf } from './count-work.ts';

interface PlacedEvaluation {
  readonly epoch: number;
  readonly params: Evaluation;
}

export interface Job {
  readonly lineage: Lineage;
  readonly batchSize: number;
  /** Snapshots, ascending. */
  readonly epochs: readonly number[];
  /** By grid: what a grid has once made of the clean images it uses for all of its attacks. */
  readonly grids: readonly (readonly PlacedEvaluation[])[];
  /** The only layer and pooling that is measured; absent: all. */
  readonly view?: View;
}

const evaluationOf = (place: Place): PlacedEvaluation => ({ epoch: place.epoch, params: paramsOf(place) });
const ascending = (epochs: Iterable<number>): number[] => [...new Set(epochs)].sort((a, b) => a - b);

/** One job a training, which loops over the grids. */
export function scriptJobs(sweep: Sweep, { batchSize }: Plan): readonly Job[] {
  const grids = sweep.grids.map((grid) => gridPlaces(sweep, grid).map(({ place }) => place));
  const byTraining = Map.groupBy(grids.flat(), lineageKey);
  return [...byTraining].map(([key, places]) => ({
    lineage: lineageOf(places[0]!),
    batchSize,
    epochs: ascending(places.map(({ epoch }) => epoch)),
    grids: grids.map((grid) => grid.filter((place) => lineageKey(place) === key).map(evaluationOf)),
  }));
}

/** One row of the report, and nothing else. */
export const trialJob = ({ place, layer, pooling }: Trial, { batchSize }: Plan): Job => ({
  lineage: lineageOf(place),
  batchSize,
  epochs: [place.epoch],
  grids: [[evaluationOf(place)]],
  view: { layer, pooling },
});
