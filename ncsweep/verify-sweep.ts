/** Whether this program reproduces the results. */
import type { BackendName } from '@ncsweep/catalog/backends';
import type { Cell } from '@ncsweep/catalog/cell';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { sampleCells } from '@ncsweep/orchestrator/engine/verify/sample';
import type { CellCheck } from '@ncsweep/orchestrator/engine/verify/verify-cells';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { cellsWhere } from '@ncsweep/orchestrator/planning/plan/where';
import { NotFoundError } from '@ncsweep/protocol/errors';
import type { BackendChoice } from './backends.ts';
import { findSweep, type FindOptions, type SweepReference } from './find-sweep.ts';
import { thisMachine } from './machine.ts';
import { otherCode } from './plugins/other-code.ts';
import { runAgain, type AgainControls, type AgainEvent } from './run-again.ts';

export interface VerifyOptions extends FindOptions, AgainControls {
  /** How many cells. Default: 5. */
  readonly sample?: number | undefined;
  /** Seed of the sample: the same seed draws the same cells. Default: 1. */
  readonly seed?: number | undefined;
  /** Evaluations of the stored weights, or trainings from the start. Default: evaluations. */
  readonly kind?: Cell['kind'] | undefined;
  /** Only cells with these values of their axes, each `axis=value[,value…]`. Default: all. */
  readonly where?: readonly string[] | undefined;
  /** Worker processes. Default: `execution.parallelism` of the sweep, at most one per core. */
  readonly workers?: number | undefined;
  /** Backend that runs the cells again. Default: the backend of the results; with another, tolerances decide. */
  readonly on?: BackendChoice | undefined;
  /**
   * Folder of a plug-in whose code runs in place of the store's, for parts that declare their science. Where every cell is equal, it
   * becomes the code of that science in the store.
   */
  readonly plugin?: string | undefined;
  readonly onEvent?: ((event: AgainEvent) => void) | undefined;
}

export interface Verification {
  readonly plan: Plan;
  /** Where the results are. */
  readonly store: string;
  /** Number of cells that match the request, and of those with a result. */
  readonly candidates: number;
  readonly finished: number;
  readonly kind: Cell['kind'];
  readonly seed: number;
  readonly where: readonly string[];
  /** Backend that ran the cells again. */
  readonly on: BackendName;
  /** One per cell of the sample. */
  readonly checks: readonly CellCheck[];
  readonly interrupted: boolean;
  /** Parts of `plugin` whose code the store now has. */
  readonly accepted: readonly string[];
}

/**
 * Runs a sample of a sweep's finished cells again, in a temporary store, and compares every number with the stored one: equal where that is
 * promised, else within the tolerance of each metric. The sweep's own store is only read, unless `plugin` is accepted.
 * @throws NotFoundError when nothing is finished; InvalidInputError when the backend of the results is not on this machine, or `plugin` has
 * no part that the sweep uses by its declared science;
 * StoreUnavailableError, WorkersFailedError
 * @example
 * ```ts
 * import { verifySweep } from 'ncsweep';
 *
 * const { checks } = await verifySweep('tiny', { sample: 2, where: ['training=ST'] });
 * for (const { cell, verdict } of checks) console.log(cell.cellId, verdict);
 * ```
 */
export async function verifySweep(sweep: SweepReference, options: VerifyOptions = {}): Promise<Verification> {
  const { sample = 5, seed = 1, kind = 'evaluate', where = [], machine = thisMachine() } = options;
  const { workers, on, signal, kill, onEvent, plugin } = options;
  const found = await findSweep(sweep, options, plugin === undefined ? 'read' : 'write');
  const { plan, store } = found;
  const other = plugin === undefined ? undefined : await otherCode(plugin, plan);
  const candidates = cellsWhere(plan, where, kind).filter((cell) => other === undefined || other.runs(cell));
  const { done } = await storeState(plan, store, signal && { signal });
  const finished = candidates.filter(({ cellId }) => done.has(cellId));
  if (finished.length === 0)
    throw new NotFoundError(
      `sweep ${plan.sweep.name}: store ${store.location} has none of these ${candidates.length} results on ${plan.backend}: nothing to compare with`,
    );
  const cells = sampleCells(finished, sample, seed);
  const asked = { candidates: candidates.length, finished: finished.length, kind, seed, where };
  const how = { cells, done, workers, on, signal, kill, onEvent };
  const again = await runAgain(found, other === undefined ? how : { ...how, code: other.code }, machine);
  const accepted = other === undefined || again.interrupted ? [] : await other.accept(again.checks, store);
  return { plan, store: store.location, ...asked, ...again, accepted };
}
