/** What a run of a sweep would do and cost. */
import { readLedger, readRoots } from '@ncsweep/orchestrator/engine/store/roots';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { explain, type Explanation, type PreviousPlan } from '@ncsweep/orchestrator/planning/plan/explain';
import { planSweep as cellsOf } from '@ncsweep/orchestrator/planning/plan/plan';
import { summarize, type PlanSummary } from '@ncsweep/orchestrator/planning/plan/summary';
import { sweepUid } from '@ncsweep/orchestrator/planning/plan/sweep-uid';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { askedDifferences, type FieldDifference } from '@ncsweep/report/aggregate/sweep-diff';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { BackendChoice } from './backends.ts';
import { checkImports } from './imported-weights.ts';
import { thisMachine, type Machine } from './machine.ts';

export interface PlanOptions {
  /** Where results are: a directory or s3://bucket/prefix. Default: that of the machine. */
  readonly store?: string | undefined;
  /** What would compute. Default: as the sweep says. */
  readonly backend?: BackendChoice | undefined;
  /** Says of each cell why it runs. */
  readonly explain?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: this one, with the environment of the process. */
  readonly machine?: Machine | undefined;
}

/** The documented JSON of `ncsweep plan` (docs/plan.md). */
export interface SweepPlan extends PlanSummary {
  /** One for each cell that is not in the store; only where it was asked for. */
  readonly explain?: readonly Explanation[];
  /** Fields that changed since the sweep was last run with this store; only where it was asked for, and the sweep was run. */
  readonly changes?: readonly FieldDifference[];
}

async function previousPlan(store: ObjectStore, sweep: string): Promise<(PreviousPlan & { readonly sweep: Sweep }) | undefined> {
  const ledger = await readLedger(store, sweepUid(sweep));
  if (ledger === undefined) return undefined;
  return { ...ledger, cells: await readRoots(store, sweepUid(sweep), ledger.generation) };
}

/**
 * Plans a sweep: its trials and cells, what the store has of them, what a run would compute, and which claims it could decide. Changes nothing.
 * @returns times in seconds of a processor core
 * @throws InvalidInputError when the backend is not on this machine, or weights made elsewhere do not fit; StoreUnavailableError, CorruptObjectError
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
  const backend = await machine.resolveBackend(options.backend ?? sweep.execution.backend);
  const plan = cellsOf(sweep, backend, sweep.execution.evaluationBatchSize);
  await checkImports(plan);
  const store = await openStore(options.store ?? machine.defaultStore, 'read');
  const state = await storeState(plan, store, signal && { signal });
  const summary = summarize(plan, state);
  if (options.explain !== true) return summary;
  const previous = await previousPlan(store, sweep.name);
  const explained = { ...summary, explain: explain(plan, state, previous) };
  return previous === undefined ? explained : { ...explained, changes: askedDifferences(previous.sweep, sweep) };
}
