/** The columns of results.csv and results.parquet: science only, so that they are equal wherever the sweep ran. */
import { imagesOf } from '@ncsweep/catalog/datasets';
import { metricDictionary } from '@ncsweep/catalog/metrics';
import type { MetricEntry } from '@ncsweep/catalog/metrics/metric';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { parseRational, toNumber } from '@ncsweep/protocol/rational';
import type { TrialRow } from '@ncsweep/protocol/tables';

export interface Column<Row extends TrialRow = TrialRow> {
  readonly name: string;
  readonly kind: 'text' | 'integer' | 'number';
  readonly meaning: string;
  readonly of: (row: Row) => string | number | undefined;
}

type TextColumn = Exclude<keyof TrialRow, 'seed' | 'epoch' | 'depth' | 'metrics'>;
export const text = (name: TextColumn, meaning: string): Column => ({
  name,
  kind: 'text',
  meaning,
  of: (t) => t[name],
});
export const integer = (name: 'seed' | 'epoch' | 'depth', meaning: string): Column => ({
  name,
  kind: 'integer',
  meaning,
  of: (t) => t[name],
});

export const dictionary: Readonly<Record<string, MetricEntry>> = metricDictionary;

/** A metric of the dictionary, empty where it is missing or not finite. */
export const finite = (name: string): Column => ({
  name,
  kind: 'number',
  meaning: dictionary[name]?.label ?? name,
  of: (t) => (Number.isFinite(t.metrics[name]) ? t.metrics[name] : undefined),
});

/** Undefined for text that is not a number. */
function sizeOf({ epsilon }: TrialRow): number | undefined {
  const value = parseRational(epsilon);
  return value && toNumber(value);
}

/** The budget as the user wrote it, and as numbers. */
export const epsilonColumns: readonly Column[] = [
  text('epsilon', 'perturbation budget in [0,1] pixel units, in the norm of the attack (below); 0 is the clean evaluation'),
  { name: 'epsilonValue', kind: 'number', meaning: 'epsilon as a number, in [0,1] pixel units', of: sizeOf },
  {
    name: 'epsilon255',
    kind: 'number',
    meaning: 'epsilon as a number of grey levels: 8 for 8/255',
    of: (t) => {
      const size = sizeOf(t);
      return size === undefined ? undefined : Number((255 * size).toPrecision(12));
    },
  },
];

const identity: readonly Column[] = [
  text('trialId', 'first 16 hex digits of the trial id; `ncsweep show ID` explains it'),
  text('cellId', 'the evaluation the trial was read from'),
  text('dataset', 'name in the sweep'),
  text('architecture', 'name in the sweep'),
  text('training', 'name in the sweep'),
  integer('seed', 'seed of data, initialisation and training: the independent replicate'),
  integer('epoch', 'training epoch of the weights; 0 is the untrained network'),
  text('attack', 'name in the sweep; `none` at epsilon 0'),
  ...epsilonColumns,
  text('split', 'train or test'),
  text('layer', 'named layer; `input` is raw pixels'),
  integer('depth', 'position of the layer, 0 = input'),
  text('pooling', 'how a feature map becomes a vector: flatten or gap (global average)'),
  text('labels', 'labels that define the class means: given, predicted or target'),
  text('state', 'done, missing, parked or blocked; only done trials have numbers'),
];

/** Metrics of a minority have columns only where a dataset has one, so that files of other sweeps stay what they were. */
const isOf = ({ datasets }: SweepTables['sweep'], { needs }: MetricEntry): boolean =>
  !needs.includes('minority') || datasets.some(({ params }) => imagesOf(params).minority !== undefined);

/** Metrics with one number per trial: those of the dictionary in its order, then any that it does not know, by name. */
export function metricNames({ sweep, trials }: SweepTables): readonly string[] {
  const entries = Object.entries(dictionary).filter(([, entry]) => entry.shape !== 'classes×classes' && isOf(sweep, entry));
  const known = entries.map(([name]) => name);
  const seen = new Set<string>();
  for (const { metrics } of trials) for (const name in metrics) seen.add(name);
  return [...known, ...[...seen].filter((name) => !known.includes(name)).sort()];
}

export const scienceColumns = (tables: SweepTables): readonly Column[] => [...identity, ...metricNames(tables).map(finite)];
