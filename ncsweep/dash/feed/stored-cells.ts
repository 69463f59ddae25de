/** Looks up cells of a plan in its store and puts what it finds on the board: results whose inputs are current, failures, running attempts. */
import { readMetricLines } from '@ncsweep/orchestrator/engine/ingest/metric-lines';
import { readStored } from '@ncsweep/orchestrator/engine/store/stored-json';
import { blockedCells } from '@ncsweep/orchestrator/planning/plan/state';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { networkLayers } from '@ncsweep/catalog/architectures';
import type { Cell } from '@ncsweep/catalog/cell';
import { keys } from '@ncsweep/protocol/keys';
import { attemptEnd, attemptStart, cellFailure, cellResult, type CellResult } from '@ncsweep/protocol/result';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { MetricLine } from '@ncsweep/protocol/tables';
import type { Board } from '../state/board.ts';
import type { PlacedCells } from '../state/layout.ts';
import type { Live } from '../state/live.ts';

export interface Watched {
  readonly plan: Plan;
  readonly store: ObjectStore;
  readonly placed: PlacedCells;
  readonly board: Board;
  readonly live: Live;
}

/** A damaged table is told where somebody asks for its cell; the map only lacks its number. */
function noneOfDamaged(error: unknown): readonly MetricLine[] {
  if (error instanceof CorruptObjectError) return [];
  throw error;
}

/** Failure that only an input explains is left to `blockedCells`. */
export class StoredCells {
  readonly #watched: Watched;
  readonly #numberOf: ReadonlyMap<string, number>;
  /** Digest of the current result, by cell. */
  readonly #digests: (string | undefined)[] = [];
  readonly #parked = new Map<string, string>();
  /** Evaluations whose table of metrics is still to be read for their headline. */
  readonly #unmeasured: string[] = [];
  #blocked: ReadonlySet<string> = new Set();

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#numberOf = new Map(watched.placed.ids.map((id, i) => [id, i]));
  }

  numberOf(cellId: string): number | undefined {
    return this.#numberOf.get(cellId);
  }

  get unmeasured(): number {
    return this.#unmeasured.length;
  }

  isDone(cellId: string): boolean {
    const cell = this.#numberOf.get(cellId);
    return cell !== undefined && this.#digests[cell] !== undefined;
  }

  /** Whether workers could be at it: it has no result, and its inputs have. */
  isOpen({ cellId, inputs }: Cell): boolean {
    return !this.isDone(cellId) && inputs.every((input) => this.isDone(input));
  }

  /** @returns whether it has a current result now @throws CorruptObjectError, StoreUnavailableError */
  async look(cell: Cell, signal?: AbortSignal): Promise<boolean> {
    const { store } = this.#watched;
    const found = await readStored(store, keys.result(cell.cellId), cellResult, signal);
    if (found !== undefined && this.#isCurrent(found.value, cell)) {
      this.#commit(cell, found.value, found.sha256);
      return true;
    }
    const failure = await readStored(store, keys.failure(cell.cellId), cellFailure, signal);
    if (failure !== undefined) this.park(cell.cellId, `${failure.value.class}: ${failure.value.message}`);
    else this.unpark(cell.cellId);
    return false;
  }

  /** The worker of the latest attempt that has begun and not ended, where its claim has not expired. */
  async runningAttempt(cellId: string, nowMs: number): Promise<{ worker: string; startedAt: number } | undefined> {
    const { store } = this.#watched;
    const prefix = keys.attempts(cellId);
    const attempts = new Set<string>();
    for await (const { key } of store.list(prefix)) attempts.add(key.slice(prefix.length).split('/')[0] ?? '');
    const latest = [...attempts].sort().at(-1);
    if (latest === undefined) return undefined;
    const start = (await readStored(store, keys.start(cellId, latest), attemptStart))?.value;
    if (start === undefined || start.expiresAt < nowMs) return undefined;
    const end = await readStored(store, keys.end(cellId, latest), attemptEnd);
    return end === undefined ? start : undefined;
  }

  park(cellId: string, reason: string): void {
    const cell = this.#numberOf.get(cellId);
    if (cell === undefined || this.isDone(cellId) || this.#parked.has(cellId)) return;
    this.#parked.set(cellId, reason);
    this.#watched.board.set(cell, 'parked');
    this.spread();
  }

  /** Somebody lifted a parking. */
  unpark(cellId: string): void {
    if (!this.#parked.delete(cellId)) return;
    this.#watched.board.set(this.#numberOf.get(cellId)!, 'waiting');
    this.spread();
  }

  /** Marks what waits for parked cells, and what no longer does. */
  spread(): void {
    const { plan, board } = this.#watched;
    if (this.#parked.size === 0 && this.#blocked.size === 0) return;
    const done = { has: (id: string): boolean => this.isDone(id) };
    const blocked = new Set(blockedCells(plan, { done, parked: this.#parked }).keys());
    for (const id of this.#blocked)
      if (!blocked.has(id) && board.stateOf(this.#numberOf.get(id)!) === 'blocked') board.set(this.#numberOf.get(id)!, 'waiting');
    for (const id of blocked) board.set(this.#numberOf.get(id)!, 'blocked');
    this.#blocked = blocked;
  }

  /** Reads nc1 of the last layer for one more evaluation. @returns whether there was one */
  async measureNext(signal?: AbortSignal): Promise<boolean> {
    const cellId = this.#unmeasured.shift();
    if (cellId === undefined) return false;
    const { store, board, plan } = this.#watched;
    const result = await readStored(store, keys.result(cellId), cellResult, signal);
    const cell = plan.cells.get(cellId);
    if (result === undefined || cell?.kind !== 'evaluate') return true;
    const snapshot = plan.cells.get(cell.inputs[0] ?? '');
    const layer = snapshot?.kind === 'snapshot' ? networkLayers(snapshot.params.architecture).at(-1)?.name : undefined;
    const lines = await readMetricLines(store, result.value, signal).catch(noneOfDamaged);
    const line = lines.find((each) => each.metric === 'nc1' && each.layer === layer && each.labels === 'given');
    if (line !== undefined) board.measure(this.#numberOf.get(cellId)!, { nc1: line.value });
    return true;
  }

  #isCurrent({ inputs }: CellResult, cell: Cell): boolean {
    const consumed = new Map(inputs.map(({ cellId, resultSha256 }) => [cellId, resultSha256]));
    return cell.inputs.every((input) => {
      const number = this.#numberOf.get(input);
      const digest = number === undefined ? undefined : this.#digests[number];
      return digest !== undefined && digest === consumed.get(input);
    });
  }

  #commit({ cellId, kind }: Cell, { scalars }: CellResult, sha256: string): void {
    const number = this.#numberOf.get(cellId);
    if (number === undefined || this.#digests[number] === sha256) return;
    this.#digests[number] = sha256;
    this.#watched.board.set(number, 'done');
    this.#watched.board.measure(number, scalars);
    if (kind === 'evaluate') this.#unmeasured.push(cellId);
    if (this.#parked.delete(cellId) || this.#blocked.size > 0) this.spread();
  }
}
