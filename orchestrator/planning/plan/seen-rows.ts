import type { Pooling } from '@ncsweep/catalog/axes';
import type { LabelConvention } from '@ncsweep/catalog/labels';
import type { Trial } from './trial.ts';

/** Where a sweep looks: at most the combinations of these. */
export interface Looks {
  readonly depths: readonly number[];
  readonly poolings: readonly Pooling[];
  readonly labels: readonly LabelConvention[];
}

/** For each row of each place, the last grid that requested it, in one growing array. */
export class SeenRows {
  readonly #looks: Looks;
  readonly #rowsPerPlace: number;
  /** By depth: its position among the depths. */
  readonly #depthAt: readonly number[];
  #rows = new Uint16Array(1024);

  constructor(looks: Looks) {
    this.#looks = looks;
    this.#rowsPerPlace = looks.depths.length * looks.poolings.length * looks.labels.length;
    this.#depthAt = Array.from({ length: Math.max(0, ...looks.depths) + 1 }, (_, depth) => looks.depths.indexOf(depth));
  }

  /** @param grid its number, counted from 1 @returns the last grid that requested the row before, 0 if none did */
  mark(trial: Trial, grid: number): number {
    const { poolings, labels } = this.#looks;
    const look = (this.#depthAt[trial.depth]! * poolings.length + poolings.indexOf(trial.pooling)) * labels.length;
    const row = trial.place.number * this.#rowsPerPlace + look + labels.indexOf(trial.labels);
    if (row >= this.#rows.length) {
      const grown = new Uint16Array(2 * (row + 1));
      grown.set(this.#rows);
      this.#rows = grown;
    }
    const last = this.#rows[row]!;
    this.#rows[row] = grid;
    return last;
  }
}
