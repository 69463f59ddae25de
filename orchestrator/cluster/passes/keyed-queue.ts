/**
 * Runs a piece of work for each key again and again: a bounded number at once, and never the same key twice at once. A key that
 * fails waits longer each time, and holds up no other.
 *
 * States of a key:
 *   waiting   its next run is due at some time
 *   running   its work is under way
 *   dirty     it is running, and something happened that this run may have missed
 * Transitions:
 *   (unknown) → waiting            add: due at once
 *   waiting   → waiting            add: due at once, but not before its rest is over; hurry: due at once in any case
 *   waiting   → running            it is due and a worker is free; the key that has been due the longest goes first
 *   running   → dirty              add or hurry
 *   running   → waiting            done: due when the work requests it
 *   dirty     → waiting            done: due as soon as its rest is over
 *   running | dirty → waiting      failed: due when its back-off is over, which doubles with each failure
 *   any       → (unknown)          remove: a run under way finishes, and is the last
 */
import type { Clock } from './clock.ts';

export interface KeyedQueueOptions {
  /** Maximum number of keys that run at once. */
  readonly workers: number;
  /**
   * @param signal aborted when the work takes longer than `budgetMs`, and when the queue is stopped: the work must end soon after
   * @returns after how many ms the work should run again if nothing happens; Infinity: only when something does
   */
  readonly work: (key: string, signal: AbortSignal) => Promise<number>;
  readonly budgetMs: number;
  /** Called when a run failed; it is retried after `backOffMs`. */
  readonly onError: (key: string, error: unknown, backOffMs: number) => void;
  readonly clock: Clock;
  /** In [0,1): spreads out keys that fail together. */
  readonly random: () => number;
}

/** A key rests between runs for a multiple of its last run's duration, within bounds, so that a busy key leaves time for others. */
const [leastRestMs, mostRestMs, restsARun] = [100, 1_000, 4];
/** A key that has been due for this long counts as overdue. */
const overdueMs = 5_000;
const [firstBackOffMs, longestBackOffMs] = [1_000, 60_000];

interface Entry {
  /** When the key runs next, if nothing happens. */
  dueMs: number;
  /** It does not run before this time. */
  restsUntilMs: number;
  failures: number;
  isRunning: boolean;
  isDirty: boolean;
  /** Set by `hurry`: the rest after this run is skipped. */
  isUrgent: boolean;
  /** Removed while it ran. */
  isGone: boolean;
}

export class KeyedQueue {
  readonly #options: KeyedQueueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #runs = new Set<Promise<void>>();
  #cancelTimer: (() => void) | undefined;
  readonly #stop = new AbortController();

  constructor(options: KeyedQueueOptions) {
    this.#options = options;
  }

  /** Number of keys that have been due for seconds and are not running yet. */
  get overdue(): number {
    const sinceMs = this.#options.clock.now() - overdueMs;
    return [...this.#entries.values()].filter(({ dueMs, isRunning }) => !isRunning && dueMs <= sinceMs).length;
  }

  /** Reports that something happened to a key. */
  add(key: string): void {
    const entry = this.#entryOf(key);
    if (entry.isRunning) entry.isDirty = true;
    else entry.dueMs = Math.min(entry.dueMs, Math.max(this.#options.clock.now(), entry.restsUntilMs));
    this.#fill();
  }

  /** Reports that a person changed what the key stands for: its earlier failures no longer count, and it need not rest. */
  hurry(key: string): void {
    const entry = this.#entryOf(key);
    entry.failures = 0;
    entry.restsUntilMs = -Infinity;
    entry.isUrgent = entry.isRunning;
    this.add(key);
  }

  /** Removes a key that is gone. */
  remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry?.isRunning === true) entry.isGone = true;
    else this.#entries.delete(key);
  }

  /** Starts no further runs, and aborts those under way. @returns when they have ended */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the orchestrator is stopping'));
    this.#cancelTimer?.();
    await Promise.all(this.#runs);
  }

  #entryOf(key: string): Entry {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      known.isGone = false;
      return known;
    }
    const fresh: Entry = {
      dueMs: this.#options.clock.now(),
      restsUntilMs: -Infinity,
      failures: 0,
      isRunning: false,
      isDirty: false,
      isUrgent: false,
      isGone: false,
    };
    this.#entries.set(key, fresh);
    return fresh;
  }

  /** Starts what is due while workers are free, and sets the timer for what is due next. */
  #fill(): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { clock, workers } = this.#options;
    while (this.#runs.size < workers) {
      const next = this.#next();
      if (next === undefined) return;
      const waitMs = next.entry.dueMs - clock.now();
      if (waitMs > 0) {
        if (waitMs < Infinity) this.#cancelTimer = clock.after(waitMs, () => this.#fill());
        return;
      }
      const run = this.#run(next.key, next.entry);
      this.#runs.add(run);
      void run.finally(() => {
        this.#runs.delete(run);
        this.#fill();
      });
    }
  }

  #next(): { readonly key: string; readonly entry: Entry } | undefined {
    let first: { readonly key: string; readonly entry: Entry } | undefined;
    for (const [key, entry] of this.#entries)
      if (!entry.isRunning && (first === undefined || entry.dueMs < first.entry.dueMs)) first = { key, entry };
    return first;
  }

  async #run(key: string, entry: Entry): Promise<void> {
    const { clock, work, budgetMs } = this.#options;
    entry.isRunning = true;
    entry.isDirty = false;
    entry.isUrgent = false;
    const beganMs = clock.now();
    const budget = new AbortController();
    const cancel = clock.after(budgetMs, () => budget.abort(new Error(`it took longer than ${budgetMs / 1000} s`)));
    let againMs: number | undefined;
    try {
      againMs = await work(key, AbortSignal.any([budget.signal, this.#stop.signal]));
    } catch (error) {
      this.#failed(key, entry, error);
    } finally {
      cancel();
      entry.isRunning = false;
      if (entry.isGone) this.#entries.delete(key);
    }
    if (againMs !== undefined) this.#done(entry, beganMs, againMs);
  }

  #done(entry: Entry, beganMs: number, againMs: number): void {
    const nowMs = this.#options.clock.now();
    const restMs = Math.min(mostRestMs, Math.max(leastRestMs, restsARun * (nowMs - beganMs)));
    entry.failures = 0;
    entry.restsUntilMs = entry.isUrgent ? nowMs : nowMs + restMs;
    entry.dueMs = entry.isDirty ? entry.restsUntilMs : Math.max(entry.restsUntilMs, nowMs + againMs);
  }

  #failed(key: string, entry: Entry, error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const { clock, random, onError } = this.#options;
    const longestMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(entry.failures, 10));
    const backOffMs = entry.isUrgent ? 0 : longestMs * (0.5 + random() / 2);
    entry.failures += 1;
    entry.restsUntilMs = clock.now() + backOffMs;
    entry.dueMs = entry.restsUntilMs;
    onError(key, error, backOffMs);
  }
}
