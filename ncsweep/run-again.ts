/** Runs cells of a sweep again on this machine, as they first ran, and compares the results with the stored ones. */
import { availableParallelism } from 'node:os';
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
import { backendFor } from './backend-for.ts';
import type { BackendChoice } from './backends.ts';
import type { FoundSweep } from './find-sweep.ts';
import { localWorkers } from './local-workers.ts';
import type { Machine } from './machine.ts';
import { allSources } from './stored-sources.ts';

/** What happens while cells run again. */
export type AgainEvent =
  /** Workers are about to start. */
  | { readonly kind: 'started'; readonly cells: number }
  /** One more cell has run; some may run more than once. */
  | { readonly kind: 'made-again'; readonly cellId: string; readonly count: number; readonly of: number };

export interface AgainControls {
  /** Stops it; the result is what was compared by then. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the workers at once. */
  readonly kill?: AbortSignal | undefined;
}

interface AgainOptions extends AgainControls {
  /** Done cells, all of one kind. */
  readonly cells: readonly Cell[];
  readonly done: StoreState['done'];
  /** Worker processes; default: as many as the sweep has, at most one per core. */
  readonly workers?: number | undefined;
  /** Computes with a backend other than the sweep's; tolerances then decide. */
  readonly on?: BackendChoice | undefined;
  /** What evaluations write beside their results. */
  readonly arrays?: ArrayRequest;
  readonly part?: VerifyOptions['part'];
  /** Code of plug-ins in place of the store's. */
  readonly code?: VerifyOptions['code'];
  readonly onEvent?: ((event: AgainEvent) => void) | undefined;
}

interface Again {
  /** One per cell, in the order of the cells. */
  readonly checks: readonly CellCheck[];
  readonly interrupted: boolean;
  /** Backend that ran the cells again. */
  readonly on: BackendName;
}

/** What the workers will request. Evaluations read weights from the store, wherever they came from. */
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

/** Only the results' own backend can be expected to give equal numbers. @throws InvalidInputError when it is not on this machine */
async function sameBackend({ sweep, backend }: Plan, machine: Machine): Promise<Plan['backend']> {
  try {
    return await machine.resolveBackend(backend);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    const { device, setUp } = backendOf(backend);
    const remedy = `"${setUp}"${device === 'gpu' ? ' on a machine with a GPU' : ''}`;
    throw new InvalidInputError(
      `sweep ${sweep.name} was computed by ${backend}, which is not installed on this machine; run ${remedy}. To compare with another backend within tolerances: ncsweep verify --on`,
      { cause },
    );
  }
}

/** A cell that ran again and passed. */
export type SoundCheck = Exclude<CellCheck, { readonly reason: string }>;
export const isSound = (check: CellCheck): check is SoundCheck =>
  check.verdict === 'equal' || check.verdict === 'within tolerance';

/** Why a cell did not pass; empty when it did. */
export function checkReason(check: CellCheck): string {
  if (check.verdict === 'not run again') return check.reason;
  if (check.verdict !== 'differs') return '';
  const { differing, beyond, files } = check;
  const worst = differing.slice(0, Math.min(beyond, 3)).map(({ metric, place, stored, again }) => {
    return `${`${metric} ${place}`.trim()}: stored ${String(stored)}, again ${String(again)}`;
  });
  const numbers = beyond > 0 ? [`${beyond} numbers differ; ${worst.join('; ')}`] : [];
  return [...numbers, ...(files.length > 0 ? [`other bytes in ${files.join(', ')}`] : [])].join('; ');
}

/** Counts the finished cells. */
function counting(of: number, onEvent: (event: AgainEvent) => void): (event: RunEvent) => void {
  let count = 0;
  return (event) => {
    if (event.kind !== 'stream' || event.event.kind !== 'committed') return;
    count += 1;
    onEvent({ kind: 'made-again', cellId: event.event.cellId, count, of });
  };
}

const never = new AbortController().signal;

/** @throws InvalidInputError, StoreUnavailableError, WorkersFailedError */
export async function runAgain({ plan, store }: FoundSweep, options: AgainOptions, machine: Machine): Promise<Again> {
  const { cells, done, workers, on, arrays, part, code, signal = never, kill = never, onEvent = () => undefined } = options;
  const backend = await (on === undefined ? sameBackend(plan, machine) : backendFor(plan.sweep, on, machine));
  const ids = cells.map(({ cellId }) => cellId);
  const sources = await allSources(needsOf(restrictPlan(plan, ids), cells), store, machine.cacheFolder);
  const environment = { ...machine.environment, NCSWEEP_ARRAYS: arrays && JSON.stringify(arrays) };
  const program = await localWorkers({ environment }, backend);
  onEvent({ kind: 'started', cells: cells.length });
  const checks = await verifyCells({
    plan: { ...plan, sweep: { ...plan.sweep, sources } },
    store,
    done,
    cells,
    backend,
    signal,
    kill,
    onEvent: counting(cells.length, onEvent),
    workers: workers ?? Math.min(plan.sweep.execution.parallelism, availableParallelism()),
    program,
    ...(part && { part }),
    ...(code && { code }),
  });
  return { checks, interrupted: signal.aborted, on: backend };
}
