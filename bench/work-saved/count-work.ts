/**
 * How much work a grid is in three ways of doing it. Pure. A forward pass is one example through the network; a pass backwards to the
 * pixels counts as one more, one to the weights as two (orchestrator/planning/plan/cost.ts).
 */
import { attackOf } from '@ncsweep/catalog/attacks';
import type { EvaluateCell } from '@ncsweep/catalog/cell';
import type { Lineage } from '@ncsweep/catalog/params';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { evaluationUnits, trainingUnits, forwardMacs } from '@ncsweep/orchestrator/planning/plan/cost';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import type { Place } from '@ncsweep/orchestrator/planning/plan/trial';
import { trials } from '@ncsweep/orchestrator/planning/plan/trials';

export interface Work {
  readonly trainings: number;
  /** Attacks, noise draws and clean passes over a split. */
  readonly evaluations: number;
  readonly forwardPasses: number;
}

const total = (parts: readonly Work[]): Work =>
  parts.reduce((sum, part) => ({
    trainings: sum.trainings + part.trainings,
    evaluations: sum.evaluations + part.evaluations,
    forwardPasses: sum.forwardPasses + part.forwardPasses,
  }));

const passes = ({ architecture, dataset }: Lineage, units: number): number => (units * 1e9) / forwardMacs(architecture, dataset);

const trainingPasses = (lineage: Lineage, epochs: number): number => passes(lineage, trainingUnits(lineage, 0, epochs));

export type Evaluation = EvaluateCell['params'];
const evaluationPasses = (lineage: Lineage, params: Evaluation): number =>
  passes(lineage, evaluationUnits(lineage, { params } as EvaluateCell));

export const cleanOf = ({ split }: Pick<Evaluation, 'split'>): Evaluation => ({
  attack: { kind: 'none' },
  epsilon: '0/1',
  split,
});

/** As planned: each training once, each cell once; FGSM and noise make one gradient or draw for all epsilons of a task. */
export function plannedWork({ trainings, evaluations }: Plan): Work {
  const trained = trainings.map(({ lineage, cells }) => ({
    trainings: 1,
    evaluations: 0,
    forwardPasses: trainingPasses(lineage, cells.at(-1)!.params.epoch),
  }));
  const evaluated = evaluations.map(({ lineage, cells }) => {
    const { params } = cells[0]!;
    const each = evaluationPasses(lineage, params);
    const measuring = evaluationPasses(lineage, cleanOf(params));
    const shared = params.attack.kind === 'none' || attackOf(params.attack).sharesWork;
    const forwardPasses = shared ? each + (cells.length - 1) * measuring : cells.length * each;
    return { trainings: 0, evaluations: cells.length, forwardPasses };
  });
  return total([...trained, ...evaluated]);
}

export const lineageOf = ({ dataset, architecture, training, seed }: Place): Lineage => ({
  dataset: dataset.params,
  architecture: architecture.params,
  recipe: training.params,
  seed,
});

export const paramsOf = ({ attack, epsilon, split }: Place): Evaluation => ({
  attack: attack.params,
  epsilon: epsilon.value,
  split,
});

/** Every distinct place of one grid, with the number of its trials. */
export function gridPlaces(sweep: Sweep, grid: Sweep['grids'][number]): readonly { place: Place; trials: number }[] {
  const byCell = new Map<number, { place: Place; trials: number }>();
  for (const { place } of trials({ ...sweep, grids: [grid] })) {
    const known = byCell.get(place.cellNumber);
    byCell.set(place.cellNumber, { place, trials: (known?.trials ?? 0) + 1 });
  }
  return [...byCell.values()];
}

/**
 * One script a training, as a careful person writes it: trains once and keeps the snapshots, then loops over each grid; all layers and
 * poolings from one pass, clean class means once a snapshot and split. It makes what two grids share twice, and each epsilon's attack anew.
 */
export function scriptWork(sweep: Sweep, plan: Plan): Work {
  const trained = plan.trainings.map(({ lineage, cells }) => ({
    trainings: 1,
    evaluations: 0,
    forwardPasses: trainingPasses(lineage, cells.at(-1)!.params.epoch),
  }));
  const evaluated = sweep.grids.flatMap((grid) => {
    const places = gridPlaces(sweep, grid).map(({ place }) => place);
    const means = new Map(places.map((place) => [`${lineageKey(place)} ${place.epoch} ${place.split}`, place]));
    const perturbed = places.filter(({ attack }) => attack.params.kind !== 'none');
    return [
      ...[...means.values()].map((place) => oneEvaluation(lineageOf(place), cleanOf(place))),
      ...perturbed.map((place) => oneEvaluation(lineageOf(place), paramsOf(place))),
    ];
  });
  return total([...trained, ...evaluated]);
}

const oneEvaluation = (lineage: Lineage, params: Evaluation): Work => ({
  trainings: 0,
  evaluations: 1,
  forwardPasses: evaluationPasses(lineage, params),
});

export const lineageKey = ({ dataset, architecture, training, seed }: Place): string =>
  [dataset.name, architecture.name, training.name, seed].join(' ');

/** One process a trial (a row): trains to the trial's epoch, makes the clean means when the trial is perturbed, then its evaluation. */
export function processPerTrialWork(sweep: Sweep): Work {
  const rows = new Map<number, { place: Place; trials: number }>();
  for (const { place } of trials(sweep)) {
    const known = rows.get(place.cellNumber);
    rows.set(place.cellNumber, { place, trials: (known?.trials ?? 0) + 1 });
  }
  const parts = [...rows.values()].map(({ place, trials: count }) => {
    const lineage = lineageOf(place);
    const isClean = place.attack.params.kind === 'none';
    const evaluated = isClean ? [cleanOf(place)] : [cleanOf(place), paramsOf(place)];
    const evaluating = evaluated.reduce((sum, params) => sum + evaluationPasses(lineage, params), 0);
    const forwardPasses = count * (trainingPasses(lineage, place.epoch) + evaluating);
    return { trainings: count, evaluations: count * evaluated.length, forwardPasses };
  });
  return total(parts);
}
