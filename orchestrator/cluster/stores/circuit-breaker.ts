/**
 * Decides whether a store may be sent requests. A store that fell silent costs each caller a whole time-out; so after a time-out,
 * or a few failures, only a probe is sent now and then.
 *
 * States:
 *   closed      the store answers: requests are allowed
 *   open        it does not answer: no requests are allowed
 *   half-open   one probe is under way: at first, and whenever a cool-down is over
 * Transitions:
 *   closed    → open        a failure that suffices by itself, or `failuresToOpen` failures without a success between them
 *   open      → half-open   the cool-down is over and a probe begins
 *   half-open → closed      the probe succeeded
 *   half-open → open        the probe failed; each cool-down is twice as long as the last, up to `longestCoolDownMs`
 *   open      → closed      a request sent before it opened was answered after all
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

  /** Time until a probe is due, ms. */
  get coolDownMs(): number {
    return this.#state === 'open' ? Math.max(0, this.#opensAgainMs - this.#clock.now()) : 0;
  }

  /**
   * Called when the cool-down is over, by the caller's clock.
   * @returns whether to send a probe: not while one is under way, nor when the store answers
   */
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

  /** @param isEnough the breaker opens at once, since the next request would fare no better */
  failed(isEnough: boolean): void {
    this.#failures += 1;
    if (this.#state === 'open' || (this.#state === 'closed' && !isEnough && this.#failures < failuresToOpen)) return;
    this.#opensAgainMs = this.#clock.now() + this.#coolDownMs;
    this.#coolDownMs = Math.min(longestCoolDownMs, 2 * this.#coolDownMs);
    this.#state = 'open';
  }
}
