/** Runs a sweep on this machine: store, lock, plan, workers, tables, report. */
import { writeRoots } from '@ncsweep/orchestrator/engine/store/roots';
import { storeState, type StoreState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { RunEvent, RunSummary } from '@ncsweep/orchestrator/engine/local/run-event';
import { runLocal } from '@ncsweep/orchestrator/engine/local/run-local';
import { takeStoreLock } from '@ncsweep/orchestrator/engine/local/store-lock';
import { mostCells } from '@ncsweep/orchestrator/planning/plan/cell-bound';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { PagedRun, RunPage } from './dash.ts';
import { backendFor } from './backend-for.ts';
import type { BackendChoice } from './backends.ts';
import { checkImports } from './imported-weights.ts';
import { localWorkers } from './local-workers.ts';
import { thisMachine, type Machine } from './machine.ts';
import { storePluginsOf } from './plugins/stored-plugins.ts';
import { tryFolder } from './output-folder.ts';
import type { SweepReport } from './report.ts';
import { allSources } from './stored-sources.ts';

export interface RunOptions {
  /** Where results are: a directory or s3://bucket/prefix. Default: the machine's. */
  readonly store?: string | undefined;
  /** Backend that computes. Default: the sweep's. */
  readonly backend?: BackendChoice | undefined;
  /** Worker processes. Default: `execution.parallelism` of the sweep. */
  readonly workers?: number | undefined;
  /** Threads of each worker's kernels. Default: 1. */
  readonly threads?: number | undefined;
  /** Runs cells that were parked after a failure again. */
  readonly retryFailed?: boolean | undefined;
  /** Folder for the report. Default: no report is written. */
  readonly report?: string | undefined;
  /** Stops the run: workers write checkpoints and release what they hold. The same call resumes it. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the workers at once. */
  readonly kill?: AbortSignal | undefined;
  /** Called now and then with the number of cells planned so far; planning is synchronous. */
  readonly onCells?: ((cells: number) => void) | undefined;
  /** Called once, before anything runs. */
  readonly onPlan?: ((plan: Plan) => void) | undefined;
  /** Called with every event (docs/run.md). */
  readonly onEvent?: ((event: RunEvent) => void) | undefined;
  /** Serves the live page (docs/dash.md) while the sweep runs; a `note` event tells its address. Default: no page. */
  readonly dash?: { readonly port?: number | undefined } | undefined;
  /** Default: this machine, with the environment of the process. */
  readonly machine?: Machine | undefined;
}

export interface SweepRun extends RunSummary {
  /** Undefined when the run was interrupted. `indexPath` is the page to open, where a folder was given. */
  readonly report: (SweepReport & { readonly indexPath: string | undefined }) | undefined;
}

/** What the store has, except what must be computed again. */
async function usableState(plan: Plan, store: ObjectStore, retryFailed: boolean): Promise<StoreState> {
  const state = await storeState(plan, store);
  for (const cellId of state.stale) await store.delete(keys.result(cellId));
  if (!retryFailed || state.parked.size === 0) return state;
  for (const cellId of state.parked.keys()) await store.delete(keys.failure(cellId));
  return storeState(plan, store);
}

const never = new AbortController().signal;

type Listener = (event: RunEvent) => void;

const both = (first?: Listener, second?: Listener): Listener => {
  return (event) => {
    first?.(event);
    second?.(event);
  };
};

/** The page loads only for a run that is to have one. */
async function pageOf(run: PagedRun, port: number | undefined, onEvent?: Listener): Promise<RunPage> {
  const { openRunPage } = await import('./dash.ts');
  return openRunPage(run, port, (address) => onEvent?.({ kind: 'note', text: `the live page of this run: ${address}` }));
}

async function reporting(withFiles: boolean): Promise<typeof import('./report.ts')> {
  const module = await import('./report.ts');
  if (withFiles) await module.renderer();
  return module;
}

/** Computes the cells that the store lacks. */
async function computeMissing(plan: Plan, store: ObjectStore, storeLocation: string, options: RunOptions): Promise<RunSummary> {
  const { sweep, backend } = plan;
  const { machine = thisMachine(), threads = 1, signal = never, kill = never, onEvent = () => undefined } = options;
  const initial = await usableState(plan, store, options.retryFailed ?? false);
  const isOver = initial.done.size + initial.parked.size === plan.cells.size;
  const sources = isOver ? {} : await allSources(sweep, store, machine.cacheFolder);
  const program = (await localWorkers(machine, backend))(storeLocation, threads);
  return runLocal({
    plan: { ...plan, sweep: { ...sweep, sources } },
    store,
    initial,
    workers: options.workers ?? sweep.execution.parallelism,
    program,
    signal,
    kill,
    onEvent,
  });
}

/**
 * Runs a sweep on this machine through to its report, resuming where an earlier run stopped. Cells in the store are not computed again.
 * @throws InvalidInputError, StoreLockedError, StoreUnavailableError, NewerStoreError, CorruptObjectError, WorkersFailedError;
 * UnreachableError, before anything runs, when the folder of the report cannot be written
 * @example
 * ```ts
 * import { loadSweep, runSweep } from 'ncsweep';
 *
 * const run = await runSweep(await loadSweep('tiny.yaml'), {
 *   signal: AbortSignal.timeout(600_000),
 *   onEvent: (event) => {
 *     if (event.kind === 'progress') console.log(event.counts.done, 'of', event.counts.total);
 *   },
 * });
 * console.log(run.interrupted ? 'stopped' : `${run.report?.tables.trials.length} trials`);
 * ```
 */
export async function runSweep(sweep: Sweep, options: RunOptions = {}): Promise<SweepRun> {
  const { machine = thisMachine(), onEvent } = options;
  const storeLocation = options.store ?? machine.defaultStore;
  if (options.report !== undefined) tryFolder(options.report);
  const backend = await backendFor(sweep, options.backend ?? sweep.execution.backend, machine);
  const plan = planSweep(sweep, backend, sweep.execution.evaluationBatchSize, mostCells, options.onCells);
  await checkImports(plan);
  const store = await openStore(storeLocation, 'write');
  const lock = await takeStoreLock(store, { command: 'ncsweep run', sweep: sweep.name });
  if (lock.takenOver !== undefined) onEvent?.({ kind: 'note', text: lock.takenOver });
  let page: RunPage | undefined;
  try {
    options.onPlan?.(plan);
    await writeRoots(plan, store);
    await storePluginsOf(sweep, store);
    page = options.dash && (await pageOf({ plan, store, storeLocation }, options.dash.port, onEvent));
    const running = computeMissing(plan, store, storeLocation, { ...options, onEvent: both(onEvent, page?.see) });
    // The renderer loads while the workers start.
    const [summary, { reportOf, writeReport }] = await Promise.all([running, reporting(options.report !== undefined)]);
    if (summary.interrupted) return { ...summary, report: undefined };
    const report = await reportOf(plan, store);
    const indexPath = options.report === undefined ? undefined : await writeReport(report, options.report);
    return { ...summary, report: { ...report, indexPath } };
  } finally {
    await page?.close();
    await lock.release();
  }
}
