/** What is known of a running sweep beside its cells: who works on what, how much was lost on the way, how old it is. Pure but for its clock of changes. */
import type { TaskRecord } from '@ncsweep/protocol/messages';
import { SequenceGaps } from '@ncsweep/protocol/stream/sequence-gaps';
import type { ChangeClock } from './board.ts';
import type { LiveFacts, SourceStatus, WorkerNow } from './wire.ts';

export class Live {
  readonly #clock: ChangeClock;
  readonly #workers = new Map<string, WorkerNow>();
  readonly #gaps = new SequenceGaps();
  #source: SourceStatus;
  #etaSeconds: number | undefined;
  #recordsLost = 0;
  #last = 0;

  constructor(clock: ChangeClock, source: SourceStatus) {
    this.#clock = clock;
    this.#source = source;
  }

  /** Number of the last change. */
  get last(): number {
    return this.#last;
  }

  get facts(): LiveFacts {
    const workers = [...this.#workers.values()].sort((a, b) => (a.worker < b.worker ? -1 : 1));
    const eta = this.#etaSeconds;
    return {
      source: this.#source,
      workers,
      recordsLost: this.#recordsLost,
      ...(eta !== undefined && { etaSeconds: eta }),
    };
  }

  get source(): SourceStatus {
    return this.#source;
  }

  setSource(source: SourceStatus): void {
    this.#source = source;
    this.#touch();
  }

  setEta(seconds: number | undefined): void {
    this.#etaSeconds = seconds;
    this.#touch();
  }

  begin(worker: string, cell: number, sinceMs: number): void {
    const now = this.#workers.get(worker);
    if (now?.cell === cell) return;
    this.#workers.set(worker, { worker, cell, sinceMs, values: {} });
    this.#touch();
  }

  /** The worker has no cell any more. */
  rest(worker: string, sinceMs: number): void {
    this.#workers.set(worker, { worker, sinceMs, values: {} });
    this.#touch();
  }

  leave(worker: string): void {
    if (this.#workers.delete(worker)) this.#touch();
  }

  /** @param cell that the record is about; undefined when the sweep has no such cell */
  see(worker: string, record: TaskRecord, cell: number | undefined): void {
    this.lose(this.#gaps.see(record.attemptId, record.seq));
    if (cell === undefined) return;
    if (record.kind === 'attempt' && (record.state === 'started' || record.state === 'resumed'))
      this.begin(worker, cell, record.atMs);
    if (record.kind !== 'progress') return;
    const { epoch, epochs, values } = record;
    const sinceMs = this.#workers.get(worker)?.sinceMs ?? record.atMs;
    const pace = { ...(epoch !== undefined && { epoch }), ...(epochs !== undefined && { epochs }) };
    this.#workers.set(worker, { worker, cell, sinceMs, ...pace, values });
    this.#touch();
  }

  lose(count: number): void {
    if (count === 0) return;
    this.#recordsLost += count;
    this.#touch();
  }

  #touch(): void {
    this.#last = this.#clock.tick();
  }
}
