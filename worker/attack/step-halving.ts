/**
 * When Auto-PGD halves the step of an example (Croce & Hein 2020, section 3): at checkpoints, if its loss rose in too few of the
 * iterations since the last one, or if neither its step nor its best loss has changed since then.
 */

/** Share of iterations that must raise the loss. */
const risingShare = 0.75;
/** The first period between checkpoints, by how much each is shorter, and the shortest, as shares of all steps. */
const periods = { first: 0.22, shrink: 0.03, shortest: 0.06 } as const;

const iterations = (share: number, steps: number): number => Math.max(Math.trunc(share * steps), 1);

export class StepHalving {
  /** Best loss of each example so far [B]. */
  readonly best: Float32Array;
  readonly #steps: number;
  #period: number;
  #sinceCheckpoint = 0;
  #previous: Float32Array;
  #bestAtCheckpoint: Float32Array;
  readonly #rises: Int32Array;
  readonly #halvedBefore: Uint8Array;

  /** @param steps of the whole run @param losses at the start [B] */
  constructor(steps: number, losses: Float32Array) {
    this.#steps = steps;
    this.#period = iterations(periods.first, steps);
    this.best = losses.slice();
    this.#previous = losses.slice();
    this.#bestAtCheckpoint = losses.slice();
    this.#rises = new Int32Array(losses.length);
    this.#halvedBefore = new Uint8Array(losses.length).fill(1);
  }

  /**
   * Takes note of the losses after an iteration [B].
   * @returns which examples improved on their best loss, and at a checkpoint which halve their step and go back to their best point
   */
  after(losses: Float32Array): { readonly improved: Uint8Array; readonly halved: Uint8Array | undefined } {
    const improved = Uint8Array.from(losses, (loss, i) => Number(loss > this.best[i]!));
    losses.forEach((loss, i) => {
      if (loss > this.#previous[i]!) this.#rises[i]!++;
      if (improved[i]) this.best[i] = loss;
    });
    this.#previous = losses.slice();
    this.#sinceCheckpoint++;
    return { improved, halved: this.#sinceCheckpoint === this.#period ? this.#checkpoint() : undefined };
  }

  #checkpoint(): Uint8Array {
    const halved = this.#halvedBefore;
    this.best.forEach((best, i) => {
      const rarelyRises = this.#rises[i]! <= risingShare * this.#period;
      const stalls = !halved[i] && best === this.#bestAtCheckpoint[i]!;
      halved[i] = Number(rarelyRises || stalls);
    });
    this.#bestAtCheckpoint = this.best.slice();
    this.#rises.fill(0);
    this.#sinceCheckpoint = 0;
    this.#period = Math.max(this.#period - iterations(periods.shrink, this.#steps), iterations(periods.shortest, this.#steps));
    return halved.slice();
  }
}
