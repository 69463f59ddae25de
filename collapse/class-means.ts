/** First pass: class means, and how far apart those of two halves of the data lie. */
import { checkBatch, NonFiniteFeaturesError, type Features } from './features.ts';
import { angleDegrees, row } from './vectors.ts';

/** Means of a data set; what perturbed data are compared with. */
export interface Means {
  readonly classes: number;
  readonly dimension: number;
  /** [K, d]; a class without samples is a row of NaN. */
  readonly means: Float64Array;
}

export interface ClassMeans extends Means {
  /** Samples of each class [K]. */
  readonly counts: Int32Array;
  /** Degrees between the centred class means of the even and of the odd samples of each class [K]; NaN where a half is empty. */
  readonly splitHalfAngles: Float64Array;
}

/** Class means centred by their unweighted mean; only the P classes that have samples. */
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
  const globalMean = new Float64Array(dimension);
  for (const c of present) for (let j = 0; j < dimension; j++) globalMean[j]! += means[c * dimension + j]! / present.length;
  const centred = new Float64Array(present.length * dimension);
  present.forEach((c, slot) => {
    for (let j = 0; j < dimension; j++) centred[slot * dimension + j] = means[c * dimension + j]! - globalMean[j]!;
  });
  return { dimension, present, globalMean, centred };
}

/**
 * Sums in float64 around the first sample, so that a large common offset costs no digits; two halves a class, 2·K·d numbers.
 * Adding one sample after another, it gives the same bits however the data are cut into batches.
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
    for (let b = 0; b < labels.length; b++) {
      const half = 2 * labels[b]!;
      const slot = half + (this.#counts[half]! > this.#counts[half + 1]! ? 1 : 0);
      this.#counts[slot]!++;
      addDifference(this.#sums, slot * this.#dimension, features, b * this.#dimension, this.#origin);
    }
  }

  /** @throws NonFiniteFeaturesError */
  finish(): ClassMeans {
    const [classes, dimension] = [this.#classes, this.#dimension];
    const counts = Int32Array.from({ length: classes }, (_, c) => this.#counts[2 * c]! + this.#counts[2 * c + 1]!);
    const means = this.#meansOf((c, j) => (this.#sum(c, 0, j) + this.#sum(c, 1, j)) / counts[c]!);
    for (let c = 0; c < classes; c++) {
      if (counts[c]! > 0 && !row(means, c, dimension).every(Number.isFinite)) throw new NonFiniteFeaturesError(c);
    }
    return { classes, dimension, means, counts, splitHalfAngles: this.#splitHalfAngles() };
  }

  /** Classes with two samples or more only, so that both halves are centred over the same classes. */
  #splitHalfAngles(): Float64Array {
    const [even, odd] = [0, 1].map((half) => {
      const means = this.#meansOf((c, j) =>
        this.#counts[2 * c + 1]! > 0 ? this.#sum(c, half, j) / this.#counts[2 * c + half]! : NaN,
      );
      return centreMeans({ classes: this.#classes, dimension: this.#dimension, means });
    });
    const angles = new Float64Array(this.#classes).fill(NaN);
    even!.present.forEach((c, slot) => {
      angles[c] = angleDegrees(row(even!.centred, slot, this.#dimension), row(odd!.centred, slot, this.#dimension));
    });
    return angles;
  }

  #sum(c: number, half: number, j: number): number {
    return this.#sums[(2 * c + half) * this.#dimension + j]!;
  }

  /** [K, d] @param offset of the mean from the origin */
  #meansOf(offset: (c: number, j: number) => number): Float64Array {
    const means = new Float64Array(this.#classes * this.#dimension);
    for (let c = 0; c < this.#classes; c++) {
      for (let j = 0; j < this.#dimension; j++) means[c * this.#dimension + j] = this.#origin[j]! + offset(c, j);
    }
    return means;
  }
}

function addDifference(sums: Float64Array, at: number, features: Features, from: number, origin: Float64Array): void {
  for (let j = 0; j < origin.length; j++) sums[at + j]! += features[from + j]! - origin[j]!;
}
