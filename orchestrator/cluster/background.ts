/**
 * Work on a Sweep that takes longer than a pass. Passes check for its outcome; none waits for it.
 *
 * States: running → done (with its value) | failed (with its error). To run the work again, a caller starts a new one.
 */
export class Background<T> {
  readonly #stop = new AbortController();
  #outcome: Outcome<T> = { kind: 'running' };

  /** @param onEnd called when the work is done or has failed, unless it was cancelled */
  constructor(work: (signal: AbortSignal) => Promise<T>, onEnd: () => void) {
    void work(this.#stop.signal)
      .then(
        (value) => (this.#outcome = { kind: 'done', value }),
        (error: unknown) => (this.#outcome = { kind: 'failed', error }),
      )
      .then(() => {
        if (!this.#stop.signal.aborted) onEnd();
      });
  }

  get outcome(): Outcome<T> {
    return this.#outcome;
  }

  /** The value, once the work is done. */
  get value(): T | undefined {
    return this.#outcome.kind === 'done' ? this.#outcome.value : undefined;
  }

  /** Call it when nobody needs the result any more. */
  cancel(): void {
    this.#stop.abort(new Error('it is no longer wanted'));
  }
}

export type Outcome<T> =
  | { readonly kind: 'running' }
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown };
