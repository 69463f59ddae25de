/**
 * evaluations.parquet: one row per evaluation, with the network's own numbers. The clean evaluation is repeated under each attack that
 * was evaluated beside it, as its point at epsilon 0, so that a curve over epsilon is one selection.
 */
import { metricFamilies } from '@ncsweep/catalog/metrics';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { TrialRow } from '@ncsweep/protocol/tables';
import { epsilonColumns, finite, integer, text, type Column } from './science-columns.ts';

export interface EvaluationRow extends TrialRow {
  /** The attack that was run: `none` for a clean point, whatever curve it belongs to. */
  readonly ran: string;
}

type Evaluation = Omit<EvaluationRow, 'ran'>;

const networkMetrics = Object.keys(metricFamilies.network.entries);

const placeOf = ({ dataset, architecture, training, seed, epoch, split }: TrialRow): string =>
  JSON.stringify([dataset, architecture, training, seed, epoch, split]);
const keyOf = (trial: TrialRow): string => JSON.stringify([placeOf(trial), trial.attack, trial.epsilon]);

/** One trial per evaluation: its trials differ in layer, pooling and labels, but share the network's own numbers. */
function evaluations(trials: readonly TrialRow[]): readonly Evaluation[] {
  const byKey = new Map<string, Evaluation>();
  for (const trial of trials) if (!byKey.has(keyOf(trial))) byKey.set(keyOf(trial), trial);
  return [...byKey.values()];
}

/** In the order of the trials; the clean points of a curve precede the others. */
export function evaluationRows({ trials }: SweepTables): readonly EvaluationRow[] {
  const rows: EvaluationRow[] = [];
  for (const beside of Map.groupBy(evaluations(trials), placeOf).values()) {
    const clean = beside.filter(({ attack }) => attack === 'none');
    rows.push(...clean.map((row) => ({ ...row, ran: row.attack })));
    for (const [attack, perturbed] of Map.groupBy(beside, (row) => row.attack)) {
      if (attack === 'none') continue;
      rows.push(...clean.map((row) => ({ ...row, attack, ran: row.attack })));
      rows.push(...perturbed.map((row) => ({ ...row, ran: row.attack })));
    }
  }
  return rows;
}

export const evaluationColumns: readonly Column<EvaluationRow>[] = [
  text('cellId', 'the evaluation'),
  text('dataset', 'name in the sweep'),
  text('architecture', 'name in the sweep'),
  text('training', 'name in the sweep'),
  integer('seed', 'the independent replicate'),
  integer('epoch', 'training epoch of the weights'),
  text('split', 'train or test'),
  text('attack', 'name in the sweep of the curve that the point belongs to; `none`: the clean evaluation by itself'),
  {
    name: 'ran',
    kind: 'text',
    meaning: 'the attack that was run: `none` at epsilon 0. Each evaluation has one row where ran = attack',
    of: ({ ran }) => ran,
  },
  ...epsilonColumns,
  text('state', 'done, missing, parked or blocked; only done evaluations have numbers'),
  ...networkMetrics.map((name) => finite(name)),
];
