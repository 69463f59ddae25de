/** What the store has of a plan: the truth about which cells are done and which are parked. */
import { keys } from '@ncsweep/protocol/keys';
import { cellFailure, cellResult, type CellFailure, type CellResult } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { Plan } from '../../planning/plan/plan.ts';
import type { PlanState } from '../../planning/plan/state.ts';
import { forEachBounded } from '../bounded.ts';
import { readStored, type Stored } from './stored-json.ts';

export interface StoreState extends PlanState {
  readonly done: ReadonlyMap<string, Stored<CellResult>>;
  readonly failures: ReadonlyMap<string, CellFailure>;
  /** Cells with a result that was made from other inputs than the current ones: it must go before they can be done again. */
  readonly stale: ReadonlySet<string>;
}

export interface StoreReading {
  /** Requests in flight. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
}

const defaultConcurrency = 32;

/** A result stands while each input it names is the current result of that cell. */
function isCurrent({ inputs }: CellResult, expected: readonly string[], done: StoreState['done']): boolean {
  const consumed = new Map(inputs.map(({ cellId, resultSha256 }) => [cellId, resultSha256]));
  return expected.every((input) => done.has(input) && done.get(input)?.sha256 === consumed.get(input));
}

/** @throws CorruptObjectError for a result or failure that does not decode; whatever the store throws */
export async function storeState(plan: Pick<Plan, 'cells'>, store: ObjectStore, reading: StoreReading = {}): Promise<StoreState> {
  const { concurrency = defaultConcurrency, signal } = reading;
  const results = new Map<string, Stored<CellResult>>();
  const failures = new Map<string, CellFailure>();
  await forEachBounded(plan.cells.keys(), concurrency, async (cellId) => {
    signal?.throwIfAborted();
    const result = await readStored(store, keys.result(cellId), cellResult, signal);
    if (result !== undefined) results.set(cellId, result);
    const failure = await readStored(store, keys.failure(cellId), cellFailure, signal);
    if (failure !== undefined) failures.set(cellId, failure.value);
  });
  const done = new Map<string, Stored<CellResult>>();
  const stale = new Set<string>();
  for (const { cellId, inputs } of plan.cells.values()) {
    const result = results.get(cellId);
    if (result === undefined) continue;
    if (isCurrent(result.value, inputs, done)) done.set(cellId, result);
    else stale.add(cellId);
  }
  const parked = [...failures].filter(([cellId]) => !done.has(cellId));
  return {
    ...{ done, stale, failures, queued: new Set<string>() },
    parked: new Map(parked.map(([cellId, failure]) => [cellId, `${failure.class}: ${failure.message}`])),
  };
}
