/**
 * Seconds per unit of cost, learnt from the compute times of committed cells of the plan, preferably of the same kind of work. If
 * there are none, it is the backend's stated default with a wide interval.
 */
export interface Interval {
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
}

/** A backend's default, or a rate from another kind of work, may be wrong by this factor either way. */
export const defaultSpread = 3;
/** A learnt time may be wrong by at least this factor. */
const learntSpread = 1.25;
/** What is expected of a kind of work counts for at most so many seconds of measured work. */
const mostExpectedSeconds = 5;

/** Any kind of work: still better than a guess about the machine. */
export const anything = 'anything';

interface Rate {
  /** Seconds per unit. */
  readonly seconds: Interval;
  /** Whether it was learnt from work of its own kind, not only from any kind or from the backend's default. */
  readonly isLearnt: boolean;
}

/**
 * Seconds per unit of cost for kinds of work, learnt from the general to the special: what is expected of a kind is the rate of the
 * next more general one, and of all work the backend's default.
 */
export class Rates {
  readonly #samples: ReadonlyMap<string, readonly Sample[]>;
  readonly #workers: number;
  readonly #default: Rate;
  readonly #known = new Map<string, Rate>();

  constructor(samples: ReadonlyMap<string, readonly Sample[]>, workers: number, unitSeconds: number) {
    this.#samples = samples;
    this.#workers = workers;
    const seconds = { seconds: unitSeconds, low: unitSeconds / defaultSpread, high: unitSeconds * defaultSpread };
    this.#default = { seconds, isLearnt: false };
  }

  /** @param like kinds, the most special first */
  of([kind, ...general]: readonly string[]): Rate {
    if (kind === undefined) return this.#default;
    const known = this.#known.get(kind);
    if (known !== undefined) return known;
    const expected = this.of(general);
    const samples = this.#samples.get(kind);
    const rate = samples === undefined ? expected : this.#learn(kind, samples, expected.seconds);
    this.#known.set(kind, rate);
    return rate;
  }

  /**
   * Each worker's first cell is slow, because data are read and kernels compiled. So what is expected counts like one cell per
   * worker, as long as that is little work: the first cells cannot outweigh it, and those that follow do.
   */
  #learn(kind: string, samples: readonly Sample[], { seconds: rate }: Interval): Rate {
    const whole = samples.filter(({ isWhole }) => isWhole);
    const mean = whole.reduce((sum, { units }) => sum + units, 0) / Math.max(1, whole.length);
    const units = Math.min(mean * this.#workers, mostExpectedSeconds / rate);
    const spread = kind === anything ? defaultSpread : learntSpread;
    return { seconds: around([...samples, { rate, units }], spread), isLearnt: kind !== anything };
  }
}

interface Pace {
  /** Seconds per unit. */
  readonly rate: number;
  readonly units: number;
}

export interface Sample extends Pace {
  /** Whether it is of a whole cell, with what a worker does before its first one. */
  readonly isWhole: boolean;
}

/** The median rate over units, with the range of the middle 80 % of units, or of the spread if that is wider. */
function around(seen: readonly Pace[], spread: number): Interval {
  const sorted = [...seen].sort((a, b) => a.rate - b.rate);
  const total = sorted.reduce((sum, { units }) => sum + units, 0);
  const quantile = (q: number): number => {
    let below = 0;
    return sorted.find(({ units }) => (below += units) >= q * total)?.rate ?? sorted.at(-1)!.rate;
  };
  const seconds = quantile(0.5);
  return { seconds, low: Math.min(quantile(0.1), seconds / spread), high: Math.max(quantile(0.9), seconds * spread) };
}
