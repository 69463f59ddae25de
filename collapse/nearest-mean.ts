/** Nearest-class-mean decisions of single examples, from products with centred means; distances are never formed. */
import { scalar, type MetricRecord } from './metric-record.ts';

/** Fixed numbers of one set of means (P classes), by the example's class (Q classes present in the evaluated data). */
export interface Reference {
  /** Original class index of each mean [P]. */
  readonly present: readonly number[];
  /** MᵀM [P, P] */
  readonly gram: Float64Array;
  /** m_c · (mu_y − mu_G), with the mean mu_y of the evaluated data and mu_G of this reference, row y [Q, P]. */
  readonly offsets: Float64Array;
}

/**
 * Slot of the nearest mean, the lowest on ties: ‖h − mu_c‖² is least where m_c·(h − mu_G) − ‖m_c‖²/2 is largest.
 * @param products m_c · (h − mu_y), P numbers from `at` on @param y slot of the example's class in `offsets`
 */
export function nearestMean({ present, gram, offsets }: Reference, y: number, products: Float64Array, at: number): number {
  const n = present.length;
  let [best, bestScore] = [0, -Infinity];
  for (let c = 0; c < n; c++) {
    const score = products[at + c]! + offsets[y * n + c]! - gram[c * n + c]! / 2;
    if (score > bestScore) [best, bestScore] = [c, score];
  }
  return best;
}

/** How often the nearest mean matches the label, and the network's prediction. */
export class NearestCounts {
  #samples = 0;
  #right = 0;
  #predicted = 0;
  #agreeing = 0;

  add(nearest: number, label: number, prediction: number | undefined): void {
    this.#samples++;
    if (nearest === label) this.#right++;
    if (prediction === undefined) return;
    this.#predicted++;
    if (nearest === prediction) this.#agreeing++;
  }

  records(means: 'own' | 'clean'): readonly MetricRecord[] {
    return [
      ...scalar(`ncc_accuracy_${means}_means`, this.#right / this.#samples),
      ...scalar(`nc4_${means}`, 1 - this.#agreeing / this.#predicted),
    ];
  }
}
