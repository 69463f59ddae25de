/**
 * Limits how many engines are opened at once. Opening reads what the store has for every cell of a plan: seconds for a small plan,
 * minutes for a hundred thousand cells. Large ones are opened one after another, the smallest first; small ones do not wait for
 * them.
 */
interface Waiting {
  readonly cells: number;
  readonly begin: () => void;
}

/** Up to this many cells, an engine is opened immediately. */
const smallCells = 2_000;
const [smallAtATime, largeAtATime] = [8, 1];

class Slots {
  readonly #most: number;
  readonly #waiting: Waiting[] = [];
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  async run<T>(cells: number, work: () => Promise<T>): Promise<T> {
    if (this.#taken >= this.#most)
      await new Promise<void>((begin) => {
        this.#waiting.push({ cells, begin });
        this.#waiting.sort((a, b) => a.cells - b.cells);
      });
    else this.#taken += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken -= 1;
      else next.begin(); // takes over the slot
    }
  }
}

export class OpeningSlots {
  readonly #small = new Slots(smallAtATime);
  readonly #large = new Slots(largeAtATime);

  /** @param work begins when there is a slot for a plan of this many cells */
  run<T>(cells: number, work: () => Promise<T>): Promise<T> {
    return (cells <= smallCells ? this.#small : this.#large).run(cells, work);
  }
}
