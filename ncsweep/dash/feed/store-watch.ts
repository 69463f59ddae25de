/**
 * Watches a store that another process fills.
 *
 * reading (every cell once, inputs before what needs them) → watching (cells whose inputs are done, again and again) → settled (no cell is
 * open any more; only parked cells are looked at, because a person may retry them)
 *
 * A store that does not answer changes nothing of what is shown: the trouble is said with the time of the last answer, and it is tried again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { forEachBounded } from '@ncsweep/orchestrator/engine/bounded';
import type { Cell } from '@ncsweep/catalog/cell';
import type { StoredCells, Watched } from './stored-cells.ts';

export interface Pace {
  /** Between two looks, ms. */
  readonly everyMs: number;
  /** Requests in flight. */
  readonly concurrency: number;
}

/** A directory answers from memory; a service is asked rarely, because each request costs. */
export const paceOf = (location: string): Pace =>
  location.startsWith('s3://') ? { everyMs: 3000, concurrency: 32 } : { everyMs: 400, concurrency: 16 };

/** Open cells at the head of the plan: workers take these first. */
const nearest = 256;
/** Further ones, a part in each round, because nothing forces workers to keep the order. */
const further = 512;
/** Cells around a new result are probably next. */
const around = 64;
/** Cells whose attempts are listed to find out who runs them. */
const mostAttempts = 48;

export class StoreWatch {
  readonly #watched: Watched;
  readonly #stored: StoredCells;
  readonly #pace: Pace;
  readonly #cells: readonly Cell[];
  readonly #now: () => number;
  /** Where the slow round through all open cells is. */
  #at = 0;
  #recent = 0;

  constructor(watched: Watched, stored: StoredCells, now: () => number = Date.now) {
    this.#watched = watched;
    this.#stored = stored;
    this.#pace = paceOf(watched.store.location);
    this.#cells = [...watched.plan.cells.values()];
    this.#now = now;
  }

  /** Ends when the signal is aborted, and throws nothing. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#patiently(signal, () => this.#readAll(signal));
    while (!signal.aborted) {
      await this.#patiently(signal, () => this.#lookAgain(signal));
      await this.#measure(signal);
      await sleep(this.#pace.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Tries until the store answers. */
  async #patiently(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    const { live } = this.#watched;
    while (!signal.aborted) {
      try {
        await work();
        return;
      } catch (error) {
        live.setSource({ ...live.source, error: error instanceof Error ? error.message : String(error) });
        await sleep(4 * this.#pace.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  async #readAll(signal: AbortSignal): Promise<void> {
    const { live } = this.#watched;
    let read = 0;
    live.setSource({ kind: 'reading', read, checkedAtMs: this.#now() });
    // Inputs come first in a plan; those that were still in flight when their evaluation was looked at are looked at again.
    const early: Cell[] = [];
    for (const cells of [this.#cells, early])
      await forEachBounded(cells, this.#pace.concurrency, async (cell) => {
        signal.throwIfAborted();
        const isDone = await this.#stored.look(cell, signal);
        if (!isDone && cells !== early && cell.inputs.length > 0) early.push(cell);
        read += 1;
        if (read % 500 === 0) live.setSource({ kind: 'reading', read, checkedAtMs: this.#now() });
      });
    this.#tell();
  }

  async #lookAgain(signal: AbortSignal): Promise<void> {
    const { board } = this.#watched;
    const isParked = ({ cellId }: Cell): boolean => board.stateOf(this.#stored.numberOf(cellId)!) === 'parked';
    const open = this.#cells.filter((cell) => this.#stored.isOpen(cell));
    const start = open.length === 0 ? 0 : this.#at % open.length;
    const near = Math.max(0, this.#recent - around / 4);
    const chosen = new Set([
      ...open.slice(0, nearest),
      ...this.#cells.slice(near, near + around).filter((cell) => this.#stored.isOpen(cell)),
      ...open.slice(start, start + further),
    ]);
    this.#at = start + further;
    await forEachBounded(chosen, this.#pace.concurrency, async (cell) => {
      signal.throwIfAborted();
      if (await this.#stored.look(cell, signal)) this.#recent = this.#cells.indexOf(cell);
    });
    await this.#findRunning([...chosen].filter((cell) => this.#stored.isOpen(cell) && !isParked(cell)).slice(0, mostAttempts));
    this.#tell();
  }

  /** Who is at the cells that come next. */
  async #findRunning(cells: readonly Cell[]): Promise<void> {
    const { board, live } = this.#watched;
    const seen = new Set<string>();
    for (const { cellId } of cells) {
      const number = this.#stored.numberOf(cellId)!;
      const running = await this.#stored.runningAttempt(cellId, this.#now());
      if (running === undefined) {
        if (board.stateOf(number) === 'running') board.set(number, 'waiting');
        continue;
      }
      if (board.stateOf(number) === 'waiting') board.set(number, 'running');
      live.begin(running.worker, number, running.startedAt);
      seen.add(running.worker);
    }
    for (const { worker } of live.facts.workers) if (!seen.has(worker)) live.leave(worker);
  }

  /** Numbers that lie in tables of their own are read beside the watch, a few at a time. */
  async #measure(signal: AbortSignal): Promise<void> {
    const until = this.#now() + this.#pace.everyMs;
    try {
      while (!signal.aborted && this.#now() < until && (await this.#stored.measureNext(signal)));
    } catch {
      // The next look says that the store does not answer.
    }
  }

  #tell(): void {
    const { board, live } = this.#watched;
    const { waiting, running } = board.counts;
    const kind = waiting + running === 0 && this.#stored.unmeasured === 0 ? 'settled' : 'watching';
    const { source } = live;
    const now = this.#now();
    // A message each second suffices to say that all is well.
    if (source.kind === kind && source.error === undefined && now - source.checkedAtMs < 1000) return;
    live.setSource({ kind, checkedAtMs: now });
  }
}
