/** What a run of a sweep would do and cost. */
import { readLedger, readRoots } from '@ncsweep/orchestrator/engine/store/roots';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { mostCells } from '@ncsweep/orchestrator/planning/plan/cell-bound';
import { explain, type Explanation, type PreviousPlan } from '@ncsweep/orchestrator/planning/plan/explain';
import { planSweep as cellsOf } from '@ncsweep/orchestrator/planning/plan/plan';
import { summarize, type PlanSummary } from '@ncsweep/orchestrator/planning/plan/summary';
import { sweepUid } from '@ncsweep/orchestrator/planning/plan/sweep-uid';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { askedDifferences, type FieldDifference } from '@ncsweep/report/aggregate/sweep-diff';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { backendFor } from './backend-for.ts';
import type { BackendChoice } from './backends.ts';
import { checkImports } from './imported-weights.ts';
import { thisMachine, type Machine } from './machine.ts';

export interface PlanOptions {
  /** Where results are: a directory or s3://bucket/prefix. Default: the machine's. */
  readonly store?: string | undefined;
  /** Backend that would compute. Default: the sweep's. */
  readonly backend?: BackendChoice | undefined;
  /** Explains for each cell why it runs. */
  readonly explain?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called now and then with the number of cells planned so far; planning is synchronous. */
  readonly onCells?: ((cells: number) => void) | undefined;
  /** Default: this machine, with the environment of the process. */
  readonly machine?: Machine | undefined;
}

/** The documented JSON of `ncsweep plan` (docs/plan.md). */
export interface SweepPlan extends PlanSummary {
  /** One for each cell that is not in the store; only if requested. */
  readonly explain?: readonly Explanation[];
  /** Fields that changed since the sweep last ran with this store; only if requested, and if it has run. */
  readonly changes?: readonly FieldDifference[];
}

async function previousPlan(store: ObjectStore, sweep: string): Promise<(PreviousPlan & { readonly sweep: Sweep }) | undefined> {
  const ledger = await readLedger(store, sweepUid(sweep));
  if (ledger === undefined) return undefined;
  return { ...ledger, cells: await readRoots(store, sweepUid(sweep), ledger.generation) };
}

/**
 * Plans a sweep: its trials and cells, what the store has, what a run would compute, and which claims it could decide. Changes nothing.
 * @returns the plan, with times in core-seconds
 * @throws InvalidInputError when the sweep has more than two million cells, the backend is not on this machine, or weights made elsewhere do not fit; StoreUnavailableError, CorruptObjectError
 * @example
 * ```ts
 * import { loadSweep, planSweep } from 'ncsweep';
 *
 * const { trials, toRun, estimate } = await planSweep(await loadSweep('tiny.yaml'), { backend: 'wasm' });
 * console.log(`${trials} trials: ${toRun.snapshot} snapshots and ${toRun.evaluate} evaluations to run, ${estimate.seconds} s`);
 * ```
 */
export async function planSweep(sweep: Sweep, options: PlanOptions = {}): Promise<SweepPlan> {
  const { machine = thisMachine(), signal } = options;
  signal?.throwIfAborted();
  const backend = await backendFor(sweep, options.backend ?? sweep.execution.backend, machine);
  const plan = cellsOf(sweep, backend, sweep.execution.evaluationBatchSize, mostCells, options.onCells);
  await checkImports(plan);
  const store = await openStore(options.store ?? machine.defaultStore, 'read');
  const state = await storeState(plan, store, signal && { signal });
  const summary = summarize(plan, state);
  if (options.explain !== true) return summary;
  const previous = await previousPlan(store, sweep.name);
  const explained = { ...summary, explain: explain(plan, state, previous) };
  return previous === undefined ? explained : { ...explained, changes: askedDifferences(previous.sweep, sweep) };
}
