/** Finds the trial of a point, and a trial's numbers wherever the tables keep them. */
import { formatRational, parseRational } from '@ncsweep/protocol/rational';
import type { Point } from '@ncsweep/catalog/claims/points';
import { classCount } from '@ncsweep/catalog/datasets';
import type { CellRow, TrialRow } from '@ncsweep/protocol/tables';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';

export interface TrialIndex {
  readonly tables: SweepTables;
  find(point: Point): TrialRow | undefined;
  /** A trial's number as it was recorded, which may be infinite or NaN; undefined when none was. */
  raw(trial: TrialRow, metric: string): number | undefined;
  /** A finite number of a trial; network-wide numbers (accuracy, loss) are looked up in the trial's cell. */
  value(trial: TrialRow, metric: string): number | undefined;
  cell(cellId: string): CellRow | undefined;
  /** Number of classes of a dataset; undefined when neither the spec nor a result gives it. */
  classes(dataset: string): number | undefined;
}

/** "8/255" → "8/255", "0" → "0/1", "0.5" → "1/2". */
export function epsilonValue(label: string): string {
  const parsed = parseRational(label);
  return parsed === undefined ? label : formatRational(parsed);
}

type Key = Omit<Point, 'epsilon'> & { readonly epsilon: string };
const keyOf = (p: Key): string =>
  [p.dataset, p.architecture, p.training, p.seed, p.epoch, p.attack, p.epsilon, p.split, p.layer, p.pooling, p.labels].join('\n');

function countClasses(tables: SweepTables): ReadonlyMap<string, number> {
  const datasets = new Map(tables.trials.map((t) => [t.trialId, t.dataset]));
  const counts = new Map<string, number>();
  for (const { trialId, row } of tables.matrices) {
    const dataset = datasets.get(trialId);
    if (dataset !== undefined) counts.set(dataset, Math.max(counts.get(dataset) ?? 0, row + 1));
  }
  for (const { name, params } of tables.sweep.datasets) {
    const declared = classCount(params);
    if (declared !== undefined) counts.set(name, declared);
  }
  return counts;
}

export function indexTrials(tables: SweepTables): TrialIndex {
  const trials = new Map<string, TrialRow>();
  const network = new Map<string, Record<string, number>>();
  for (const trial of tables.trials) {
    trials.set(keyOf({ ...trial, epsilon: epsilonValue(trial.epsilon) } as Key), trial);
    const known = network.get(trial.cellId) ?? {};
    for (const name of ['accuracy', 'loss']) if (trial.metrics[name] !== undefined) known[name] = trial.metrics[name];
    network.set(trial.cellId, known);
  }
  const cells = new Map(tables.cells.map((c) => [c.cellId, c]));
  const classes = countClasses(tables);
  const raw = (trial: TrialRow, metric: string): number | undefined =>
    trial.metrics[metric] ?? network.get(trial.cellId)?.[metric] ?? cells.get(trial.cellId)?.scalars?.[metric];
  const finite = (v: number | undefined): number | undefined => (v !== undefined && Number.isFinite(v) ? v : undefined);
  return {
    tables,
    find: (point) => trials.get(keyOf(point)),
    raw,
    value: (trial, metric) => finite(raw(trial, metric)),
    cell: (id) => cells.get(id),
    classes: (dataset) => classes.get(dataset),
  };
}
