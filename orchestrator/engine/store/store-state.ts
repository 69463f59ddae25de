/** What the store has of a plan: the truth about which cells are done and which are parked. */
import { keys } from '@ncsweep/protocol/keys';
import { cellFailure, cellResult, type CellResult } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { Plan } from '../../planning/plan/plan.ts';
import type { PlanState } from '../../planning/plan/state.ts';
import { forEachBounded } from '../bounded.ts';
import { listedCells } from './listed-cells.ts';
import { readStored, type Stored } from './stored-json.ts';

/** @typeParam R what is kept of each result */
export interface StoreStateOf<R> extends PlanState {
  readonly done: ReadonlyMap<string, Stored<R>>;
  /** Cells whose result was made from inputs that are no longer current: it must be removed before they can run again. */
  readonly stale: ReadonlySet<string>;
}
export type StoreState = StoreStateOf<CellResult>;

export interface StoreReading {
  /** Maximum number of requests in flight. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
}

const defaultConcurrency = 32;

/** The part of a result that is kept, and what it was made from. */
interface Found<R> extends Stored<R> {
  readonly inputs: CellResult['inputs'];
}

/** A result is valid while each input that it names is the current result of that cell. */
function isCurrent<R>({ inputs }: Found<R>, expected: readonly string[], done: ReadonlyMap<string, Stored<R>>): boolean {
  const consumed = new Map(inputs.map(({ cellId, resultSha256 }) => [cellId, resultSha256]));
  return expected.every((input) => done.has(input) && done.get(input)?.sha256 === consumed.get(input));
}

/** @throws CorruptObjectError for a result or failure that does not decode; whatever the store throws */
export const storeState = (plan: Pick<Plan, 'cells'>, store: ObjectStore, reading: StoreReading = {}): Promise<StoreState> =>
  readState(plan, store, (result) => result, reading);

/**
 * The same for callers that only need to know how long cells took: a sweep may have hundreds of thousands.
 * @throws as `storeState`
 */
export const timesState = (
  plan: Pick<Plan, 'cells'>,
  store: ObjectStore,
  reading: StoreReading = {},
): Promise<StoreStateOf<Pick<CellResult, 'times'>>> => readState(plan, store, ({ times }) => ({ times }), reading);

async function readState<R>(
  plan: Pick<Plan, 'cells'>,
  store: ObjectStore,
  keep: (result: CellResult) => R,
  { concurrency = defaultConcurrency, signal }: StoreReading,
): Promise<StoreStateOf<R>> {
  const results = new Map<string, Found<R>>();
  const failures = new Map<string, string>();
  const mayBeDone = await listedCells(store, keys.results, plan.cells, { concurrency, signal });
  const mayHaveFailed = await listedCells(store, keys.failures, plan.cells, { concurrency, signal });
  await forEachBounded(plan.cells.keys(), concurrency, async (cellId) => {
    signal?.throwIfAborted();
    const result = mayBeDone(cellId) ? await readStored(store, keys.result(cellId), cellResult, signal) : undefined;
    if (result !== undefined)
      results.set(cellId, { value: keep(result.value), sha256: result.sha256, inputs: result.value.inputs });
    const failure = mayHaveFailed(cellId) ? await readStored(store, keys.failure(cellId), cellFailure, signal) : undefined;
    if (failure !== undefined) failures.set(cellId, `${failure.value.class}: ${failure.value.message}`);
  });
  const done = new Map<string, Stored<R>>();
  const stale = new Set<string>();
  for (const { cellId, inputs } of plan.cells.values()) {
    const result = results.get(cellId);
    if (result === undefined) continue;
    if (isCurrent(result, inputs, done)) done.set(cellId, { value: result.value, sha256: result.sha256 });
    else stale.add(cellId);
  }
  const parked = new Map([...failures].filter(([cellId]) => !done.has(cellId)));
  return { done, stale, queued: new Set<string>(), parked };
}
