/** A clock that stands still until a test moves it. */
import type { Clock } from '../cluster/passes/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly call: () => void;
}

export class TestClock implements Clock {
  #nowMs = 0;
  #lateMs = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs - this.#lateMs;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, ms), call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Sets back what `now` returns: timers fire this much earlier than they should. */
  setBack(ms: number): void {
    this.#lateMs = ms;
  }

  /** Moves the clock on; timers fire at their time, and what each sets in motion happens before the next one. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.call();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets everything run that settled promises have set in motion. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
