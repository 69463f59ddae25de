/** Puts what a run of this process tells on the board, as it happens. */
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { Span } from '../state/wire.ts';
import type { StoredCells, Watched } from './stored-cells.ts';

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Ended spans that are kept. */
const mostSpans = 20_000;

export class RunFeed {
  readonly #watched: Watched;
  readonly #stored: StoredCells;
  readonly #now: () => number;
  readonly #open = new Map<string, Span>();
  readonly #ended: Span[] = [];
  /** By cell, the next one of its group. */
  readonly #nextOf = new Map<string, string>();
  /** Looks into the store that are under way, in order. */
  #looking: Promise<void> = Promise.resolve();

  constructor(watched: Watched, stored: StoredCells, now: () => number = Date.now) {
    this.#watched = watched;
    this.#stored = stored;
    this.#now = now;
    const { trainings, evaluations } = watched.plan;
    for (const { cells } of [...trainings, ...evaluations])
      for (const [i, { cellId }] of cells.slice(1).entries()) this.#nextOf.set(cells[i]!.cellId, cellId);
  }

  /** What workers did since the run began. */
  get spans(): readonly Span[] {
    return [...this.#ended, ...this.#open.values()];
  }

  /** Reads what there was before the run, beside what is committed meanwhile: to look twice does no harm. */
  async readStore(signal: AbortSignal): Promise<void> {
    const { plan, live } = this.#watched;
    try {
      for (const cell of plan.cells.values()) {
        if (signal.aborted) return;
        await this.#stored.look(cell, signal);
      }
      while (!signal.aborted && (await this.#stored.measureNext(signal)));
      if (!signal.aborted) live.setSource({ kind: 'live', checkedAtMs: this.#now() });
    } catch (error) {
      if (!signal.aborted) live.setSource({ kind: 'live', checkedAtMs: this.#now(), error: textOf(error) });
    }
  }

  see(event: RunEvent): void {
    const { live } = this.#watched;
    switch (event.kind) {
      case 'progress':
        live.setEta(event.etaSeconds);
        break;
      case 'record': {
        const { record } = event;
        const cell = this.#stored.numberOf(record.cellId);
        live.see(event.worker, record, cell);
        const isAtIt = record.kind === 'progress' || (record.kind === 'attempt' && record.state === 'started');
        if (isAtIt && cell !== undefined) this.#begin(event.worker, cell, record.atMs);
        break;
      }
      case 'records-lost':
        live.lose(event.count);
        break;
      case 'stream':
        this.#seeWorker(event.worker, event.event);
        break;
      case 'worker-ended':
        this.#end(event.worker, this.#now(), 'unknown', `the worker ended (${event.signal ?? event.exitCode})`);
        live.leave(event.worker);
        break;
      case 'started':
      case 'note':
        break;
      default:
        event satisfies never;
    }
    live.setSource({ kind: 'live', checkedAtMs: this.#now() });
  }

  /** Resolves when everything seen so far is on the board. */
  settle(): Promise<void> {
    return this.#looking;
  }

  #seeWorker(worker: string, event: StreamEvent): void {
    switch (event.kind) {
      case 'committed':
        this.#end(worker, event.atMs, 'committed', undefined, event.computeMs);
        this.#look(event.cellId);
        this.#goOn(worker, event.cellId, event.atMs);
        return;
      case 'attempt-ended':
        this.#end(
          worker,
          event.atMs,
          event.outcome === 'given-back' ? 'given-back' : 'failed',
          `${event.class}: ${event.message}`,
        );
        this.#look(event.cellId);
        return;
      case 'worker-up':
        this.#watched.live.rest(worker, event.atMs);
        return;
      case 'worker-drained':
        this.#watched.live.leave(worker);
        return;
      case 'needs-memory':
        return;
      default:
        event satisfies never;
    }
  }

  /** Another cell than the one it was thought to be at: that one waits again, because no end of it was told. */
  #begin(worker: string, cell: number, startMs: number): void {
    const { board, live } = this.#watched;
    const before = this.#open.get(worker);
    if (before?.cell === cell) return;
    if (before !== undefined && board.stateOf(before.cell) === 'running') board.set(before.cell, 'waiting');
    this.#open.set(worker, { worker, cell, startMs, outcome: 'running' });
    live.begin(worker, cell, startMs);
    if (board.stateOf(cell) === 'waiting') board.set(cell, 'running');
  }

  /** A task takes the cells of a group in their order, so the worker is at the next one, if there is one. */
  #goOn(worker: string, cellId: string, atMs: number): void {
    const next = this.#nextOf.get(cellId);
    if (next !== undefined && !this.#stored.isDone(next)) this.#begin(worker, this.#stored.numberOf(next)!, atMs);
  }

  #end(worker: string, endMs: number, outcome: Span['outcome'], message?: string, computeMs?: number): void {
    const span = this.#open.get(worker);
    if (span === undefined) return;
    this.#open.delete(worker);
    this.#watched.live.rest(worker, endMs);
    this.#ended.push({
      ...span,
      endMs,
      outcome,
      ...(message !== undefined && { message }),
      ...(computeMs !== undefined && { computeMs }),
    });
    if (this.#ended.length > mostSpans) this.#ended.shift();
  }

  #look(cellId: string): void {
    const { plan, board } = this.#watched;
    const cell = plan.cells.get(cellId);
    if (cell === undefined) return;
    this.#inOrder(async () => {
      const isDone = await this.#stored.look(cell);
      const number = this.#stored.numberOf(cellId)!;
      if (!isDone && board.stateOf(number) === 'running') board.set(number, 'waiting');
      if (isDone) while (await this.#stored.measureNext());
    });
  }

  #inOrder(work: () => Promise<void>): void {
    this.#looking = this.#looking.then(work).catch((error: unknown) => {
      this.#watched.live.setSource({ kind: 'live', checkedAtMs: this.#now(), error: textOf(error) });
    });
  }
}
