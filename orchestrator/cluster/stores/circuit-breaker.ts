/**
 * Whether a store is worth asking. One that fell silent costs whoever asks it the whole time-out; so after a time-out, or a few failures,
 * nobody asks but one probe now and then.
 *
 * States:
 *   closed      it answers: everybody may ask
 *   open        it does not: nobody may ask
 *   half-open   one probe asks: at first, and whenever a cool-down is over
 * Transitions:
 *   closed    → open        a failure that says enough by itself, or `failuresToOpen` failures without a success between
 *   open      → half-open   the cool-down is over and a probe begins
 *   half-open → closed      the probe succeeded
 *   half-open → open        the probe failed; each cool-down is twice as long as the last, up to `longestCoolDownMs`
 *   open      → closed      a request of before it opened was answered after all
 */
import type { Clock } from '../passes/clock.ts';

export const failuresToOpen = 3;
export const firstCoolDownMs = 5_000;
export const longestCoolDownMs = 60_000;

export class CircuitBreaker {
  readonly #clock: Pick<Clock, 'now'>;
  #state: 'closed' | 'open' | 'half-open' = 'half-open';
  #failures = 0;
  #coolDownMs = firstCoolDownMs;
  #opensAgainMs = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    return this.#state;
  }

  /** Until a probe is due, ms. */
  get coolDownMs(): number {
    return this.#state === 'open' ? Math.max(0, this.#opensAgainMs - this.#clock.now()) : 0;
  }

  /** The cool-down is over, by the clock of who waited for it. @returns whether a probe is to ask: none is while one does, or when it answers */
  probe(): boolean {
    if (this.#state !== 'open') return false;
    this.#state = 'half-open';
    return true;
  }

  succeeded(): void {
    this.#state = 'closed';
    this.#failures = 0;
    this.#coolDownMs = firstCoolDownMs;
  }

  /** @param isEnough it opens at once: the next request would fare no better */
  failed(isEnough: boolean): void {
    this.#failures += 1;
    if (this.#state === 'open' || (this.#state === 'closed' && !isEnough && this.#failures < failuresToOpen)) return;
    this.#opensAgainMs = this.#clock.now() + this.#coolDownMs;
    this.#coolDownMs = Math.min(longestCoolDownMs, 2 * this.#coolDownMs);
    this.#state = 'open';
  }
}
