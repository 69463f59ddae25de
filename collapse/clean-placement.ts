/**
 * Where examples and class means lie among the clean vertices. Everything is seen from the clean centre mu′_G, so that when all examples
 * leap to one vertex, their cosine with it is 1. Undefined cosines (a point at the centre, a class without clean samples) are left out.
 */
import { centreMeans, type CentredMeans, type Means } from './class-means.ts';
import { perClass, scalar, type MetricRecord } from './metric-record.ts';
import { NearestCounts, nearestMean, type Reference } from './nearest-mean.ts';
import { dot, gramOf, row } from './vectors.ts';

/** One example, given by products with its residual r = h − mu_y. */
export interface PlacedExample {
  readonly label: number;
  /** Slot of the label among the classes present in the evaluated data. */
  readonly y: number;
  readonly prediction: number | undefined;
  /** ‖r‖² */
  readonly square: number;
  /** Products with `directions`; those with the own centred means come first. */
  readonly products: Float64Array;
  /** Where this example's products begin. */
  readonly at: number;
}

export class CleanPlacement {
  readonly centred: CentredMeans;
  /** What residuals are multiplied with: the own centred means and, where the clean means differ, those and mu_G − mu′_G [R, d]. */
  readonly directions: Float64Array;
  readonly #reference: Reference;
  /** ‖mu_y − mu′_G‖² [Q] */
  readonly #squares: Float64Array;
  readonly #ownPresent: readonly number[];
  /** Index of the first product with clean means; 0 where they are the own ones. */
  readonly #first: number;
  /** Index of the product with mu_G − mu′_G; undefined where that is zero. */
  readonly #shift: number | undefined;
  readonly #nearest = new NearestCounts();
  /** Examples of class i whose nearest vertex is j [K, K]. */
  readonly #leaps: Int32Array;
  readonly #classes: number;
  #cosNearest = { sum: 0, count: 0 };
  #cosTrue = { sum: 0, count: 0 };

  /**
   * @param own centred `ownMeans` @param gram of these [P, P]
   * @param clean the same object as `ownMeans` when the evaluated data are the clean ones
   */
  constructor(own: CentredMeans, gram: Float64Array, ownMeans: Means, clean: Means) {
    const d = own.dimension;
    const same = clean === ownMeans;
    this.centred = same ? own : centreMeans(clean);
    const { present, centred, globalMean } = this.centred;
    const [q, n] = [own.present.length, present.length];
    this.#classes = clean.classes;
    this.#leaps = new Int32Array(clean.classes * clean.classes);
    this.#ownPresent = own.present;
    this.#first = same ? 0 : q;
    this.#shift = same ? undefined : q + n;
    this.directions = same ? own.centred : stack(own.centred, centred, difference(own.globalMean, globalMean));
    this.#squares = new Float64Array(q);
    if (same) {
      this.#reference = { present, gram, offsets: gram };
      for (let y = 0; y < q; y++) this.#squares[y] = gram[y * q + y]!;
      return;
    }
    this.#reference = { present, gram: gramOf(centred, n, d), offsets: new Float64Array(q * n) };
    own.present.forEach((label, y) => {
      const x = difference(row(ownMeans.means, label, d), globalMean);
      this.#squares[y] = dot(x, 0, x, 0, d);
      for (let c = 0; c < n; c++) this.#reference.offsets[y * n + c] = dot(x, 0, centred, c * d, d);
    });
  }

  add(example: PlacedExample): void {
    const { label, y, products, at } = example;
    const slot = nearestMean(this.#reference, y, products, at + this.#first);
    const nearest = this.#reference.present[slot];
    if (nearest === undefined) return;
    this.#nearest.add(nearest, label, example.prediction);
    this.#leaps[label * this.#classes + nearest]!++;
    this.#addCosines(example);
  }

  /** h − mu′_G = r + (mu_y − mu′_G), and r·(mu_y − mu′_G) = r·m_y + r·(mu_G − mu′_G). */
  #addCosines({ label, y, products, at, square }: PlacedExample): void {
    const shift = this.#shift === undefined ? 0 : products[at + this.#shift]!;
    const length = Math.sqrt(Math.max(0, square + 2 * (products[at + y]! + shift) + this.#squares[y]!));
    let [best, own] = [-Infinity, NaN];
    for (let c = 0; c < this.#reference.present.length; c++) {
      const cosine = this.#cosine(y, c, products[at + this.#first + c]!, length);
      if (cosine > best) best = cosine;
      if (this.#reference.present[c] === label) own = cosine;
    }
    accumulate(this.#cosNearest, best);
    accumulate(this.#cosTrue, own);
  }

  /** Cosine with vertex c of the class mean mu_y moved by a residual, whose product with m′_c is given. @param length ‖mu_y + r − mu′_G‖ */
  #cosine(y: number, c: number, product: number, length: number): number {
    const { gram, offsets, present } = this.#reference;
    const n = present.length;
    return (product + offsets[y * n + c]!) / (length * Math.sqrt(gram[c * n + c]!));
  }

  records(): readonly MetricRecord[] {
    return [
      ...this.#meanRecords(),
      ...this.#nearest.records('clean'),
      ...this.#leapRecords(),
      ...scalar('leap_example_cos_nearest', this.#cosNearest.sum / this.#cosNearest.count),
      ...scalar('leap_example_cos_true', this.#cosTrue.sum / this.#cosTrue.count),
    ];
  }

  #meanRecords(): readonly MetricRecord[] {
    const vertices = this.#reference.present;
    const cosines = this.#ownPresent.map((_, y) => vertices.map((__, c) => this.#cosine(y, c, 0, Math.sqrt(this.#squares[y]!))));
    const own = this.#ownPresent.map((label, y) => cosines[y]![vertices.indexOf(label)] ?? NaN);
    return [
      ...perClass(
        'leap_cos_nearest',
        this.#ownPresent,
        cosines.map((row) => Math.max(...row.filter(Number.isFinite))),
      ),
      ...perClass('leap_cos_true', this.#ownPresent, own),
    ];
  }

  #leapRecords(): readonly MetricRecord[] {
    const k = this.#classes;
    const counts = Array.from({ length: k }, (_, i) => Array.from(this.#leaps.subarray(i * k, (i + 1) * k)));
    const totals = counts.map((row) => row.reduce((a, b) => a + b, 0));
    const stayed = counts.reduce((sum, row, i) => sum + row[i]!, 0);
    return [
      ...scalar('leap_rate', 1 - stayed / totals.reduce((a, b) => a + b, 0)),
      ...counts.flatMap((row, i) =>
        row.flatMap((count, col) => scalar('leap_matrix', count / totals[i]!).map((record) => ({ ...record, row: i, col }))),
      ),
    ];
  }
}

function accumulate(into: { sum: number; count: number }, value: number): void {
  if (!Number.isFinite(value)) return;
  into.sum += value;
  into.count++;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  const values = new Float64Array(a.length);
  for (let j = 0; j < values.length; j++) values[j] = a[j]! - b[j]!;
  return values;
}

function stack(...parts: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
