/** First pass: class means, and how far apart the means of two halves of the data lie. */
import { checkBatch, NonFiniteFeaturesError, type Features } from './features.ts';
import { angleDegrees, row } from './vectors.ts';

/** Class means of a data set; perturbed data are compared with those of the clean data. */
export interface Means {
  readonly classes: number;
  readonly dimension: number;
  /** [K, d]; a class without samples is a row of NaN. */
  readonly means: Float64Array;
}

export interface ClassMeans extends Means {
  /** Samples of each class [K]. */
  readonly counts: Int32Array;
  /** Degrees between the centred class means of the even and odd samples of each class [K]; NaN where a half is empty. */
  readonly splitHalfAngles: Float64Array;
}

/** Class means centred by their unweighted mean, for the P classes that have samples. */
export interface CentredMeans {
  readonly dimension: number;
  /** Original index of each class present [P], ascending. */
  readonly present: readonly number[];
  /** mu_G [d] */
  readonly globalMean: Float64Array;
  /** m_c = mu_c − mu_G [P, d] */
  readonly centred: Float64Array;
}

export function centreMeans({ classes, dimension, means }: Means): CentredMeans {
  const present = Array.from({ length: classes }, (_, c) => c).filter((c) => !Number.isNaN(means[c * dimension]));
  const centred = new Float64Array(present.length * dimension);
  present.forEach((c, slot) => centred.set(row(means, c, dimension), slot * dimension));
  return { dimension, present, globalMean: centreRows(centred, dimension), centred };
}

/** Subtracts the mean of all rows from each. @param rows [P, d] @returns that mean [d] */
function centreRows(rows: Float64Array, dimension: number): Float64Array {
  const mean = new Float64Array(dimension);
  const count = rows.length / dimension;
  for (let at = 0; at < rows.length; at += dimension) for (let j = 0; j < dimension; j++) mean[j]! += rows[at + j]!;
  for (let j = 0; j < dimension; j++) mean[j]! /= count;
  for (let at = 0; at < rows.length; at += dimension) for (let j = 0; j < dimension; j++) rows[at + j]! -= mean[j]!;
  return mean;
}

/** Columns summed together; the sums of ten classes take 80 KiB. */
const columns = 512;

/**
 * Sums in float64 around the first sample, so that a large common offset costs no digits; two halves per class, 2·K·d numbers.
 * Samples are added one by one, so the result is the same to the bit however the data are split into batches.
 */
export class MeansPass {
  readonly #classes: number;
  readonly #dimension: number;
  readonly #origin: Float64Array;
  /** Sums of h − origin [K, 2, d]. */
  readonly #sums: Float64Array;
  /** [K, 2] */
  readonly #counts: Int32Array;
  #started = false;

  constructor(classes: number, dimension: number) {
    this.#classes = classes;
    this.#dimension = dimension;
    this.#origin = new Float64Array(dimension);
    this.#sums = new Float64Array(classes * 2 * dimension);
    this.#counts = new Int32Array(classes * 2);
  }

  /** @param features [B, d] @param labels [B] in 0..K−1 @throws RangeError when shapes or labels do not fit */
  add(features: Features, labels: Int32Array): void {
    checkBatch(features, labels, this.#classes, this.#dimension);
    if (!this.#started && labels.length > 0) {
      for (let j = 0; j < this.#dimension; j++) this.#origin[j] = features[j]!;
      this.#started = true;
    }
    const rows = labels.map((label) => this.#nextRow(label));
    // All samples in one group of columns, then the next, so that the sums stay in cache.
    for (let from = 0; from < this.#dimension; from += columns) {
      const to = Math.min(from + columns, this.#dimension);
      for (let b = 0; b < rows.length; b++)
        this.#addDifference(rows[b]! * this.#dimension, features, b * this.#dimension, from, to);
    }
  }

  /** @throws NonFiniteFeaturesError */
  finish(): ClassMeans {
    const [classes, dimension] = [this.#classes, this.#dimension];
    const counts = Int32Array.from({ length: classes }, (_, c) => this.#counts[2 * c]! + this.#counts[2 * c + 1]!);
    const means = new Float64Array(classes * dimension);
    for (let c = 0; c < classes; c++) {
      this.#putMean(means, c, counts[c]!);
      if (counts[c]! > 0 && !allFinite(row(means, c, dimension))) throw new NonFiniteFeaturesError(c);
    }
    return { classes, dimension, means, counts, splitHalfAngles: this.#splitHalfAngles() };
  }

  /** Only for classes with two or more samples, so that both halves are centred over the same classes. */
  #splitHalfAngles(): Float64Array {
    const halved = Array.from({ length: this.#classes }, (_, c) => c).filter((c) => this.#counts[2 * c + 1]! > 0);
    const [even, odd] = [this.#centredHalf(0, halved), this.#centredHalf(1, halved)];
    const angles = new Float64Array(this.#classes).fill(NaN);
    halved.forEach((c, slot) => {
      angles[c] = angleDegrees(row(even, slot, this.#dimension), row(odd, slot, this.#dimension));
    });
    return angles;
  }

  /** Row of `#sums` for the next sample of a class; its halves take turns. */
  #nextRow(label: number): number {
    const even = 2 * label;
    const next = even + (this.#counts[even]! > this.#counts[even + 1]! ? 1 : 0);
    this.#counts[next]!++;
    return next;
  }

  /** Adds columns from..to−1 of a sample to the sums that begin at `at`. */
  #addDifference(at: number, features: Features, featureAt: number, from: number, to: number): void {
    const [sums, origin] = [this.#sums, this.#origin];
    for (let j = from; j < to; j++) sums[at + j]! += features[featureAt + j]! - origin[j]!;
  }

  /** Writes row c of means [K, d]. */
  #putMean(means: Float64Array, c: number, count: number): void {
    const [d, sums, origin] = [this.#dimension, this.#sums, this.#origin];
    const [at, even, odd] = [c * d, 2 * c * d, (2 * c + 1) * d];
    for (let j = 0; j < d; j++) means[at + j] = origin[j]! + (sums[even + j]! + sums[odd + j]!) / count;
  }

  /** Centred means of every second sample of the given classes [P, d]; the origin cancels. */
  #centredHalf(half: 0 | 1, classes: readonly number[]): Float64Array {
    const [d, sums] = [this.#dimension, this.#sums];
    const means = new Float64Array(classes.length * d);
    for (const [slot, c] of classes.entries()) {
      const [at, from, count] = [slot * d, (2 * c + half) * d, this.#counts[2 * c + half]!];
      for (let j = 0; j < d; j++) means[at + j] = sums[from + j]! / count;
    }
    centreRows(means, d);
    return means;
  }
}

function allFinite(values: Float64Array): boolean {
  for (let j = 0; j < values.length; j++) if (!Number.isFinite(values[j])) return false;
  return true;
}
