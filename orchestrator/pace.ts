/** When the next pass comes: every second, and sooner when a worker said something, because workers that became idle need tasks. */
import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 1_000;
/** The soonest, and no sooner than so many times what the last pass took: most of the time is left for all else. */
const soonestMs = 100;
const restsAPass = 4;

/** Resolves after so long, or when the signal is given. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};

export class Pace {
  #news = new AbortController();

  /** Brings the next pass forward. */
  news(): void {
    this.#news.abort();
  }

  /** At the start of a pass: what was said until now it acts on. */
  begin(): void {
    if (this.#news.signal.aborted) this.#news = new AbortController();
  }

  /** @param passMs what the last pass took @param signal ends the waiting */
  async rest(passMs: number, signal: AbortSignal): Promise<void> {
    const leastMs = Math.min(everyMs, Math.max(soonestMs, restsAPass * passMs));
    await pause(leastMs, signal);
    await pause(everyMs - leastMs, AbortSignal.any([signal, this.#news.signal]));
  }
}
