/** Everything that the store knows about one cell or trial, as printed by `ncsweep show`. */
import type { Cell } from '@ncsweep/catalog/cell';
import { keys } from '@ncsweep/protocol/keys';
import { attemptEnd, attemptStart, cellFailure, cellResult, type CellFailure, type CellResult } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { MetricLine } from '@ncsweep/protocol/tables';
import type { z } from 'zod';
import { cellLabels } from '../../planning/plan/cell-label.ts';
import type { Plan } from '../../planning/plan/plan.ts';
import { blockedCells } from '../../planning/plan/state.ts';
import type { Trial } from '../../planning/plan/trial.ts';
import { cellState, type CellState } from '../store/cell-state.ts';
import { concerns } from '../ingest/ingest.ts';
import { readMetricLines } from '../ingest/metric-lines.ts';
import { storeState, type StoreState } from '../store/store-state.ts';
import { readStored } from '../store/stored-json.ts';

export interface Attempt {
  readonly attemptId: string;
  readonly start?: z.infer<typeof attemptStart>;
  /** Absent while the attempt runs, or if its process was killed. */
  readonly end?: z.infer<typeof attemptEnd>;
}

/** What the store holds under a cell id, whoever planned it. */
export interface StoredStory {
  readonly cellId: string;
  readonly result?: CellResult;
  readonly resultSha256?: string;
  readonly failure?: CellFailure;
  /** Oldest first: attempt ids begin with their time. */
  readonly attempts: readonly Attempt[];
}

export interface CellStory extends StoredStory, CellState {
  readonly sweep: string;
  readonly label: string;
  readonly kind: Cell['kind'];
  readonly params: Cell['params'];
  readonly numerics: Cell['numerics'];
  readonly inputs: readonly ({ readonly cellId: string; readonly label: string } & CellState)[];
}

export interface TrialStory {
  readonly trialId: string;
  readonly layer: string;
  readonly pooling: string;
  readonly labels: string;
  /** The trial's own lines and the network-wide ones; empty unless the cell is done. */
  readonly metrics: readonly MetricLine[];
  readonly cell: CellStory;
}

async function attemptsOf(store: ObjectStore, cellId: string): Promise<Attempt[]> {
  const prefix = keys.attempt(cellId, '').slice(0, -1);
  const ids = new Set<string>();
  for await (const { key } of store.list(prefix)) ids.add(key.slice(prefix.length).split('/')[0] ?? '');
  return Promise.all(
    [...ids].sort().map(async (attemptId) => {
      const start = await readStored(store, keys.start(cellId, attemptId), attemptStart);
      const end = await readStored(store, keys.end(cellId, attemptId), attemptEnd);
      return { attemptId, ...(start && { start: start.value }), ...(end && { end: end.value }) };
    }),
  );
}

/** @throws CorruptObjectError for an object that does not decode */
export async function storedStory(store: ObjectStore, cellId: string): Promise<StoredStory> {
  const result = await readStored(store, keys.result(cellId), cellResult);
  const failure = await readStored(store, keys.failure(cellId), cellFailure);
  return {
    cellId,
    ...(result && { result: result.value, resultSha256: result.sha256 }),
    ...(failure && { failure: failure.value }),
    attempts: await attemptsOf(store, cellId),
  };
}

/** The cells that determine the state of this one: its inputs, and the snapshots of the same training. */
function neighbourhood(plan: Plan, cell: Cell): ReadonlyMap<string, Cell> {
  const snapshotId = cell.kind === 'snapshot' ? cell.cellId : cell.inputs[0];
  const training = plan.trainings.find(({ cells }) => cells.some(({ cellId }) => cellId === snapshotId));
  const inputs = cell.inputs.map((id) => plan.cells.get(id)).filter((input) => input !== undefined);
  return new Map([...(training?.cells ?? []), ...inputs, cell].map((c) => [c.cellId, c]));
}

export async function cellStory(plan: Plan, store: ObjectStore, cell: Cell): Promise<CellStory> {
  const state: StoreState = await storeState({ cells: neighbourhood(plan, cell) }, store);
  const blocked = blockedCells(plan, state);
  const label = cellLabels(plan);
  const inputs = cell.inputs.map((cellId) => {
    const input = plan.cells.get(cellId);
    return { cellId, label: input === undefined ? '?' : label(input), ...cellState(cellId, state, blocked) };
  });
  const { kind, params, numerics } = cell;
  const stored = await storedStory(store, cell.cellId);
  const own = cellState(cell.cellId, state, blocked);
  return { ...stored, sweep: plan.sweep.name, label: label(cell), kind, params, numerics, inputs, ...own };
}

export async function trialStory(plan: Plan, store: ObjectStore, trialId: string, trial: Trial): Promise<TrialStory> {
  const cell = await cellStory(plan, store, plan.cells.get(plan.cellAt[trial.place.cellNumber]!)!);
  const isDone = cell.state === 'done' && cell.result !== undefined;
  const lines = isDone ? await readMetricLines(store, cell.result) : [];
  const { layer, pooling, labels } = trial;
  return { trialId, layer, pooling, labels, metrics: lines.filter((line) => concerns(line, trial)), cell };
}
