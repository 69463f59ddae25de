/** Runs a sweep on this machine: store, lock, plan, workers, tables, report. */
import { writeRoots } from '@ncsweep/orchestrator/engine/store/roots';
import { storeState, type StoreState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { RunEvent, RunSummary } from '@ncsweep/orchestrator/engine/local/run-event';
import { runLocal } from '@ncsweep/orchestrator/engine/local/run-local';
import { takeStoreLock } from '@ncsweep/orchestrator/engine/local/store-lock';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { keys } from '@ncsweep/protocol/keys';
import type { BackendName } from '@ncsweep/catalog/backends';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { interruptible } from './interruptible.ts';
import { localWorkers } from './local-workers.ts';
import type { WrittenReport } from './report.ts';
import { allSources } from './stored-sources.ts';

export interface RunOptions {
  readonly sweep: Sweep;
  readonly backend: BackendName;
  readonly storeLocation: string;
  readonly outDir: string;
  readonly workers: number;
  /** Threads of each worker's kernels. */
  readonly threads: number;
  readonly retryFailed: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where datasets of the store are kept on this machine. */
  readonly cacheFolder: string;
  readonly onPlan: (plan: Plan) => void;
  readonly onEvent: (event: RunEvent) => void;
}

export interface SweepRun {
  readonly summary: RunSummary;
  /** Undefined when the run was interrupted. */
  readonly report: WrittenReport | undefined;
}

/** What the store has, without what must be made again. */
async function usableState(plan: Plan, store: ObjectStore, retryFailed: boolean): Promise<StoreState> {
  const state = await storeState(plan, store);
  for (const cellId of state.stale) await store.delete(keys.result(cellId));
  if (!retryFailed || state.parked.size === 0) return state;
  for (const cellId of state.parked.keys()) await store.delete(keys.failure(cellId));
  return storeState(plan, store);
}

/** @throws InvalidInputError, StoreLockedError, StoreUnavailableError, NewerStoreError, CorruptObjectError, WorkersFailedError */
export async function runSweep(options: RunOptions): Promise<SweepRun> {
  const { sweep, backend, storeLocation, workers, threads, environment, onEvent } = options;
  const plan = planSweep(sweep, backend, sweep.execution.evaluationBatchSize);
  options.onPlan(plan);
  const store = await openStore(storeLocation, 'write');
  const lock = await takeStoreLock(store, { command: 'ncsweep run', sweep: sweep.name });
  if (lock.takenOver !== undefined) onEvent({ kind: 'note', text: lock.takenOver });
  const interrupt = interruptible();
  try {
    await writeRoots(plan, store);
    const initial = await usableState(plan, store, options.retryFailed);
    const isOver = initial.done.size + initial.parked.size === plan.cells.size;
    const sources = isOver ? {} : await allSources(sweep, store, options.cacheFolder);
    const program = localWorkers({ environment, storeLocation, backend, threads });
    const { signal, kill } = interrupt;
    const running = runLocal({
      plan: { ...plan, sweep: { ...sweep, sources } },
      store,
      initial,
      workers,
      program,
      signal,
      kill,
      onEvent,
    });
    // Loaded while the workers start.
    const reporting = Promise.all([import('@ncsweep/orchestrator/engine/ingest/ingest'), import('./report.ts')]);
    const [summary, [{ ingest }, { writeReport }]] = await Promise.all([running, reporting]);
    if (summary.interrupted) return { summary, report: undefined };
    return { summary, report: await writeReport(await ingest(sweep, plan, store), options.outDir) };
  } finally {
    interrupt.off();
    await lock.release();
  }
}
