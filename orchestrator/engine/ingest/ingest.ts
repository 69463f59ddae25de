/** From committed results to the tables that the report reads. The only I/O goes to the store; equal results give equal tables. */
import { digestOf } from '@ncsweep/protocol/canonical';
import type { Cell } from '@ncsweep/catalog/cell';
import type { CellResult } from '@ncsweep/protocol/result';
import { parseRational, toNumber } from '@ncsweep/protocol/rational';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { CellRow, MatrixRow, MetricLine, TrialRow, TrialState } from '@ncsweep/protocol/tables';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { Plan } from '../../planning/plan/plan.ts';
import { blockedCells } from '../../planning/plan/state.ts';
import type { Place, Trial } from '../../planning/plan/trial.ts';
import { trials } from '../../planning/plan/trials.ts';
import { cellState, type CellState } from '../store/cell-state.ts';
import { forEachBounded } from '../bounded.ts';
import type { LineTables } from './line-tables.ts';
import { readMetricLines } from './metric-lines.ts';
import { storeState, type StoreReading, type StoreState } from '../store/store-state.ts';
import type { Stored } from '../store/stored-json.ts';

export interface IngestReading extends StoreReading {
  /** Where result lines are read from, and new ones recorded; default: the results alone. */
  readonly tables?: LineTables;
}

const defaultConcurrency = 8;

/**
 * The first 16 hex digits: enough to be unique in any sweep, short enough to type. Names count only where several share the cell.
 */
export function trialIdOf(cellId: string, { place: { alias }, layer, pooling, labels }: Trial): string {
  const row = { cellId, layer, pooling, labels };
  return digestOf(alias === '' ? row : { ...row, alias }).slice(0, 16);
}

type Compare<T> = (a: T, b: T) => number;
const by =
  <T>(...columns: ((item: T) => string | number)[]): Compare<T> =>
  (a, b) => {
    for (const column of columns) {
      const [x, y] = [column(a), column(b)];
      if (x !== y) return x < y ? -1 : 1;
    }
    return 0;
  };

const epsilonSize = ({ epsilon }: Place): number => toNumber(parseRational(epsilon.value) ?? { num: 0n, den: 1n });

const placeOrder = by<Place>(
  ...[(p: Place) => p.dataset.name, (p: Place) => p.architecture.name, (p: Place) => p.training.name],
  ...[(p: Place) => p.seed, (p: Place) => p.epoch, (p: Place) => p.attack.name, epsilonSize, (p: Place) => p.split],
);
const rowOrder = by<Trial>(
  (t) => t.depth,
  (t) => t.pooling,
  (t) => t.labels,
);

interface PlaceTrials {
  readonly place: Place;
  readonly cellId: string;
  readonly trials: Trial[];
}

/** The sweep's trials by cell, in the order of the science columns. */
function trialsByCell(sweep: Sweep, plan: Plan): PlaceTrials[] {
  const byPlace = new Map<number, PlaceTrials>();
  for (const trial of trials(sweep)) {
    const { place } = trial;
    const group = byPlace.get(place.number) ?? { place, cellId: plan.cellAt[place.cellNumber]!, trials: [] };
    byPlace.set(place.number, group);
    group.trials.push(trial);
  }
  const groups = [...byPlace.values()].sort((a, b) => placeOrder(a.place, b.place));
  for (const group of groups) group.trials.sort(rowOrder);
  return groups;
}

/** Whether a line belongs to a row: it is of the row's own layer, or a network-wide number, which every row of the cell repeats. */
export function concerns(line: MetricLine, trial: Trial): boolean {
  if (line.layer === '') return line.labels === '' || line.labels === 'given' || line.labels === trial.labels;
  return line.layer === trial.layer && line.pooling === trial.pooling && line.labels === trial.labels;
}

interface Rows {
  readonly trial: TrialRow;
  readonly matrices: readonly MatrixRow[];
}

function rowsOf({ place, cellId }: PlaceTrials, trial: Trial, state: TrialState, lines: readonly MetricLine[]): Rows {
  const trialId = trialIdOf(cellId, trial);
  const own = lines.filter((line) => concerns(line, trial));
  const metrics = own.filter(({ row }) => row < 0).map(({ metric, value }) => [metric, value] as const);
  const entries = own
    .filter(({ row }) => row >= 0)
    .sort(
      by(
        (l) => l.metric,
        (l) => l.row,
        (l) => l.col,
      ),
    );
  const { layer, depth, pooling, labels } = trial;
  return {
    trial: {
      trialId,
      cellId,
      dataset: place.dataset.name,
      architecture: place.architecture.name,
      training: place.training.name,
      seed: place.seed,
      epoch: place.epoch,
      attack: place.attack.name,
      epsilon: place.epsilon.label,
      split: place.split,
      layer,
      depth,
      pooling,
      labels,
      state,
      metrics: Object.fromEntries(metrics.sort(by(([name]) => name))),
    },
    matrices: entries.map(({ metric, row, col, value }) => ({ trialId, metric, row, col: Math.max(0, col), value })),
  };
}

const isPerturbed = (cell: Cell): boolean => cell.kind === 'evaluate' && cell.params.attack.kind !== 'none';

function cellRow(cell: Cell, state: CellState, { done }: StoreState): CellRow {
  const { cellId, kind, inputs, params } = cell;
  const base = { cellId, kind, inputs, params, ...state };
  const found = done.get(cellId);
  if (found === undefined) return base;
  const { attemptId, buildId, numerics, times, scalars, attackTiming = 'fresh' } = found.value;
  const { backend, threads, device, versions } = numerics;
  return {
    ...base,
    ...(isPerturbed(cell) && { attackTiming }),
    attemptId,
    buildId,
    backend,
    threads,
    device,
    versions,
    scalars,
    resultSha256: found.sha256,
    computeMs: times.computeMs,
  };
}

/**
 * @param plan of this sweep, for the backend whose results are wanted
 * @throws CorruptObjectError naming the key and the remedy when a result or its metrics are damaged
 */
export async function ingest(sweep: Sweep, plan: Plan, store: ObjectStore, reading: IngestReading = {}): Promise<SweepTables> {
  const stored = await storeState(plan, store, reading);
  const blocked = blockedCells(plan, stored);
  const stateOf = (cellId: string): CellState => cellState(cellId, stored, blocked);
  const groups = trialsByCell(sweep, plan);
  const read = (result: Stored<CellResult>) =>
    reading.tables?.lines(result, reading.signal) ?? readMetricLines(store, result.value, reading.signal);
  const rows = new Map<PlaceTrials, readonly Rows[]>();
  await forEachBounded(groups, reading.concurrency ?? defaultConcurrency, async (group) => {
    reading.signal?.throwIfAborted();
    const result = stored.done.get(group.cellId);
    const lines = result === undefined ? [] : await read(result);
    const { state } = stateOf(group.cellId);
    rows.set(
      group,
      group.trials.map((trial) => rowsOf(group, trial, state, lines)),
    );
  });
  const ordered = groups.flatMap((group) => rows.get(group) ?? []);
  return {
    sweep,
    planDigest: plan.planDigest,
    trials: ordered.map(({ trial }) => trial),
    matrices: ordered.flatMap(({ matrices }) => matrices),
    cells: [...plan.cells.values()].map((cell) => cellRow(cell, stateOf(cell.cellId), stored)),
  };
}
