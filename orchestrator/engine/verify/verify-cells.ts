/**
 * Runs cells of a sweep again and compares. The sweep's own store is only read: each cell is computed in a temporary store that
 * holds its inputs byte for byte, so that a wrong input cannot make a correct cell look wrong. A sampled cell can be the input of
 * another one, so only cells of one rank and one recorded thread count share a temporary store.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sha256 as digest } from '@ncsweep/protocol/canonical';
import type { BackendName } from '@ncsweep/catalog/backends';
import { toleranceOf } from '@ncsweep/catalog/metrics';
import { pluggedEntries } from '@ncsweep/catalog/plugins/plugged-metric';
import type { Cell } from '@ncsweep/catalog/cell';
import type { PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { pluginsOfCell } from '@ncsweep/catalog/plugins/used-plugins';
import { keys } from '@ncsweep/protocol/keys';
import { cellResult, type CellResult } from '@ncsweep/protocol/result';
import { readArtifact } from '@ncsweep/protocol/store/committed-result';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { readMetricLines } from '../ingest/metric-lines.ts';
import { copyPlugin } from '../store/read-plugins.ts';
import { readStored, type Stored } from '../store/stored-json.ts';
import { storeState } from '../store/store-state.ts';
import type { RunEvent, RunSummary } from '../local/run-event.ts';
import { runLocal } from '../local/run-local.ts';
import type { WorkerProgram } from '../local/worker-pool.ts';
import type { Plan } from '../../planning/plan/plan.ts';
import { restrictPlan } from '../../planning/plan/restrict-plan.ts';
import { compareResults, type Comparison, type Numbers } from './compare-results.ts';

export type CellCheck = { readonly cell: Cell } & (Comparison | { readonly verdict: 'not run again'; readonly reason: string });

export interface VerifyOptions {
  /** Its sweep's `sources` name what workers will request. */
  readonly plan: Plan;
  readonly store: ObjectStore;
  /** What the store has of the plan. */
  readonly done: ReadonlyMap<string, Stored<CellResult>>;
  /** The cells to verify; all are done. */
  readonly cells: readonly Cell[];
  /** Maximum number of worker processes at once. */
  readonly workers: number;
  readonly program: (storeLocation: string, threads: number) => WorkerProgram;
  /** Code of plug-ins to run in place of the store's, by identity. */
  readonly code?: ReadonlyMap<string, PluginArchive>;
  /** The part of a result to compare, where workers were told to make only that part; default: all. */
  readonly part?: (cell: Cell, numbers: Numbers) => Numbers;
  /** What the program computes with. With another backend than the plan's, numbers are judged by tolerances. */
  readonly backend: BackendName;
  /** Stops the verification; what has been compared by then is returned. */
  readonly signal: AbortSignal;
  /** Ends the workers at once. */
  readonly kill: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

/** Inputs come before what needs them. */
const rankOf = (cell: Cell): number => (cell.kind === 'snapshot' ? 0 : cell.inputs.length);

/** @returns one check per cell, in the order of the cells @throws StoreUnavailableError, WorkersFailedError */
export async function verifyCells(options: VerifyOptions): Promise<CellCheck[]> {
  const { cells, done, signal } = options;
  const threadsOf = ({ cellId }: Cell): number => done.get(cellId)!.value.numerics.threads;
  const batches = Map.groupBy(cells, (cell) => `${rankOf(cell)} ${threadsOf(cell)}`);
  const checks = new Map<string, CellCheck>();
  for (const batch of batches.values()) {
    if (signal.aborted) break;
    for (const check of await inTemporaryStore((location) => verifyBatch(batch, threadsOf(batch[0]!), location, options)))
      checks.set(check.cell.cellId, check);
  }
  return cells.map((cell) => checks.get(cell.cellId) ?? { cell, verdict: 'not run again', reason: 'it was interrupted' });
}

async function inTemporaryStore<T>(use: (location: string) => Promise<T>): Promise<T> {
  const location = await mkdtemp(path.join(tmpdir(), 'ncsweep-verify-'));
  try {
    return await use(location);
  } finally {
    await rm(location, { recursive: true, force: true });
  }
}

/** What a batch is compared with. */
interface Before {
  /** By cell id; a damaged cell may be missing. */
  readonly stored: ReadonlyMap<string, Numbers>;
  /** What is wrong with a cell's result or inputs, by cell id. */
  readonly damage: ReadonlyMap<string, string>;
}

async function verifyBatch(
  batch: readonly Cell[],
  threads: number,
  location: string,
  options: VerifyOptions,
): Promise<CellCheck[]> {
  const { plan, workers, program, signal, kill, onEvent } = options;
  const temporary = await openStore(location, 'write');
  const before = await copyInputs(batch, temporary, options);
  const sound = batch.flatMap(({ cellId }) => (before.damage.has(cellId) ? [] : [cellId]));
  const again = restrictPlan(plan, sound);
  const initial = await storeState(again, temporary);
  const start = program(location, threads);
  const summary = await runLocal({ plan: again, store: temporary, initial, workers, program: start, signal, kill, onEvent });
  const checks: CellCheck[] = [];
  for (const cell of batch) checks.push(await checkOf(cell, temporary, before, summary, options));
  return checks;
}

/** Copies what the cells of a batch read into a temporary store, and reads what they are compared with. */
async function copyInputs(
  batch: readonly Cell[],
  temporary: ObjectStore,
  { store, done, code, part = whole }: VerifyOptions,
): Promise<Before> {
  const damage = new Map<string, string>();
  const stored = new Map<string, Numbers>();
  for (const cell of batch) {
    const { cellId, inputs } = cell;
    try {
      stored.set(cellId, part(cell, await numbersOf(store, done.get(cellId)!.value)));
      for (const input of inputs) await copyResult(store, done.get(input)!, temporary);
      for (const used of pluginsOfCell(cell)) await copyPlugin(store, used, temporary, code?.get(used.identity));
    } catch (error) {
      if (!(error instanceof CorruptObjectError)) throw error;
      damage.set(cellId, error.message);
    }
  }
  return { stored, damage };
}

async function checkOf(
  cell: Cell,
  temporary: ObjectStore,
  { stored, damage }: Before,
  summary: RunSummary,
  { plan, part = whole, backend }: VerifyOptions,
): Promise<CellCheck> {
  const { cellId } = cell;
  const result = await readStored(temporary, keys.result(cellId), cellResult);
  const before = stored.get(cellId);
  if (before === undefined || damage.has(cellId) || result === undefined)
    return { cell, verdict: 'not run again', reason: damage.get(cellId) ?? reasonOf(cellId, summary) };
  // A worker records the backend that its cell requests.
  const numerics = { ...result.value.numerics, backend };
  const again = part(cell, await numbersOf(temporary, { ...result.value, numerics }));
  const plugged = pluggedEntries(plan.sweep.metrics);
  return { cell, ...compareResults(before, again, (metric) => plugged.get(metric)?.tolerance ?? toleranceOf(metric)) };
}

const whole = (_cell: Cell, numbers: Numbers): Numbers => numbers;

const reasonOf = (cellId: string, { parked, stuck, interrupted }: RunSummary): string =>
  parked.get(cellId) ?? stuck.get(cellId) ?? (interrupted ? 'it was interrupted' : 'the workers left no result');

const numbersOf = async (store: ObjectStore, result: CellResult): Promise<Numbers> => ({
  result,
  lines: result.kind === 'evaluate' ? await readMetricLines(store, result) : [],
});

/** Copies the result last, when everything that it names is there. @throws CorruptObjectError */
async function copyResult(from: ObjectStore, { value, sha256 }: Stored<CellResult>, to: ObjectStore): Promise<void> {
  const key = keys.result(value.cellId);
  if ((await to.head(key)) !== undefined) return;
  const committed = { result: value, resultSha256: sha256 };
  for (const artifact of value.artifacts) await to.put(artifact.key, await readArtifact(from, committed, artifact.name));
  const bytes = await from.get(key);
  if (bytes === undefined || digest(bytes) !== sha256)
    throw new CorruptObjectError(key, `changed in ${from.location} since verify began; run verify again`);
  await to.put(key, bytes);
}
