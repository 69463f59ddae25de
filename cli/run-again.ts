/** Runs cells of a sweep again on this machine, as they ran, and compares what they give with what is stored. */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { backendOf, type BackendName } from '@ncsweep/catalog/backends';
import type { Cell } from '@ncsweep/catalog/cell';
import type { ArrayRequest } from '@ncsweep/catalog/cell-arrays';
import type { StoreState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { restrictPlan } from '@ncsweep/orchestrator/planning/plan/restrict-plan';
import { verifyCells, type CellCheck, type VerifyOptions } from '@ncsweep/orchestrator/engine/verify/verify-cells';
import { canonicalJson } from '@ncsweep/protocol/canonical';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { BackendChoice, CommandTools } from './command-tools.ts';
import type { FoundSweep } from './find-sweep.ts';
import { interruptible } from './interruptible.ts';
import { localWorkers } from './local-workers.ts';
import { allSources } from './stored-sources.ts';

interface AgainOptions {
  /** Done cells, all of one kind. */
  readonly cells: readonly Cell[];
  readonly done: StoreState['done'];
  /** Worker processes; default: as many as the sweep has, at most one a core. */
  readonly workers?: number | undefined;
  /** Computes with another backend than the sweep's; tolerances decide then. */
  readonly on?: BackendChoice | undefined;
  /** What evaluations write beside their results. */
  readonly arrays?: ArrayRequest;
  readonly part?: VerifyOptions['part'];
}

interface Again {
  /** One a cell, in the order of the cells. */
  readonly checks: readonly CellCheck[];
  readonly interrupted: boolean;
  /** What computed again. */
  readonly on: BackendName;
}

/** What the workers will ask for: evaluations read weights from the store, whatever they came from. */
function needsOf({ sweep, trainings }: Plan, cells: readonly Cell[]): Parameters<typeof allSources>[0] {
  const trains = cells.some(({ kind }) => kind === 'snapshot');
  const [data, recipes] = [new Set<string>(), new Set<string>()];
  for (const { lineage } of trainings) {
    data.add(canonicalJson(lineage.dataset));
    if (trains) recipes.add(canonicalJson(lineage.recipe));
  }
  return {
    datasets: sweep.datasets.filter(({ params }) => data.has(canonicalJson(params))),
    trainings: sweep.trainings.filter(({ params }) => recipes.has(canonicalJson(params))),
    sources: sweep.sources,
  };
}

/** Equality can be expected of the results' own backend only. @throws InvalidInputError when it is not on this machine */
async function sameBackend({ sweep, backend }: Plan, tools: CommandTools): Promise<Plan['backend']> {
  try {
    return await tools.resolveBackend(backend);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    const { device, setUp } = backendOf(backend);
    const remedy = `"${setUp}"${device === 'gpu' ? ' on a machine with a GPU' : ''}`;
    throw new InvalidInputError(
      `sweep ${sweep.name} was computed by ${backend}, which is not on this machine; run ${remedy}. To compare with another backend within tolerances: ncsweep verify --on`,
      { cause },
    );
  }
}

/** Says which cell is through, beside the output. */
function tell(total: number): (event: RunEvent) => void {
  let count = 0;
  return (event) => {
    if (event.kind !== 'stream' || event.event.kind !== 'committed') return;
    count += 1;
    process.stderr.write(`${count} of ${total}  ${event.event.cellId.slice(0, 12)} run again\n`);
  };
}

/** Until Ctrl-C: what was compared by then is the answer. @throws InvalidInputError, StoreUnavailableError, WorkersFailedError */
export async function runAgain(
  { plan, store }: FoundSweep,
  { cells, done, workers, on, arrays, part }: AgainOptions,
  tools: CommandTools,
): Promise<Again> {
  const backend = await (on === undefined ? sameBackend(plan, tools) : tools.resolveBackend(on));
  const ids = cells.map(({ cellId }) => cellId);
  const sources = await allSources(needsOf(restrictPlan(plan, ids), cells), store, tools.cacheFolder);
  const environment = { ...tools.environment, NCSWEEP_ARRAYS: arrays && JSON.stringify(arrays) };
  const interrupt = interruptible();
  try {
    const checks = await verifyCells({
      plan: { ...plan, sweep: { ...plan.sweep, sources } },
      store,
      done,
      cells,
      backend,
      signal: interrupt.signal,
      kill: interrupt.kill,
      onEvent: tell(cells.length),
      workers: workers ?? Math.min(plan.sweep.execution.parallelism, availableParallelism()),
      program: (storeLocation, threads) => localWorkers({ environment, storeLocation, backend, threads }),
      ...(part && { part }),
    });
    return { checks, interrupted: interrupt.signal.aborted, on: backend };
  } finally {
    interrupt.off();
  }
}
