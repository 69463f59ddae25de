/** Nearest-class-mean decisions of single examples, from products with centred means; distances are never formed. */
import { mean, scalar, type MetricRecord } from './metric-record.ts';

/** Fixed numbers of one set of means (P classes), by class of the example (Q classes present in the evaluated data). */
export interface Reference {
  /** Original class index of each mean [P]. */
  readonly present: readonly number[];
  /** MᵀM [P, P] */
  readonly gram: Float64Array;
  /** m_c · (mu_y − mu_G) of this reference, row y [Q, P]. */
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

/** How often the nearest mean is the label, and the network's prediction. */
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

/** Where examples go among the clean vertices, and how close to one they end. */
export class LeapCounts {
  readonly #classes: number;
  /** Examples of class i whose nearest vertex is j [K, K]. */
  readonly #matrix: Int32Array;
  #nearest = { sum: 0, count: 0 };
  #own = { sum: 0, count: 0 };

  constructor(classes: number) {
    this.#classes = classes;
    this.#matrix = new Int32Array(classes * classes);
  }

  add(label: number, nearest: number): void {
    this.#matrix[label * this.#classes + nearest]!++;
  }

  /** Undefined cosines (an example or vertex at the centre, a class without vertex) are left out. */
  addCosines(nearest: number, own: number): void {
    if (Number.isFinite(nearest)) this.#nearest = { sum: this.#nearest.sum + nearest, count: this.#nearest.count + 1 };
    if (Number.isFinite(own)) this.#own = { sum: this.#own.sum + own, count: this.#own.count + 1 };
  }

  records(): readonly MetricRecord[] {
    const k = this.#classes;
    const counts = Array.from({ length: k }, (_, i) => Array.from(this.#matrix.subarray(i * k, (i + 1) * k)));
    const totals = counts.map((row) => row.reduce((a, b) => a + b, 0));
    const stayed = counts.reduce((sum, row, i) => sum + row[i]!, 0);
    return [
      ...scalar('leap_rate', 1 - stayed / (mean(totals) * k)),
      ...counts.flatMap((row, i) =>
        row.flatMap((count, col) => scalar('leap_matrix', count / totals[i]!).map((record) => ({ ...record, row: i, col }))),
      ),
      ...scalar('leap_example_cos_nearest', this.#nearest.sum / this.#nearest.count),
      ...scalar('leap_example_cos_true', this.#own.sum / this.#own.count),
    ];
  }
}
