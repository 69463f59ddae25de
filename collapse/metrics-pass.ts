/**
 * Second pass: every metric of a layer, from products of residuals with centred class means. With r = h − mu_y the products with own
 * means give nc1 and the nearest own mean; those with clean means and with mu_G − mu′_G place h among the clean vertices.
 * Regrouping (labels predicted or target) is the same two passes with other labels.
 */
import { alignmentRecords } from './alignment.ts';
import { centreMeans, type CentredMeans, type ClassMeans, type Means } from './class-means.ts';
import { checkBatch, type Features } from './features.ts';
import { perClass, type MetricRecord } from './metric-record.ts';
import { LeapCounts, NearestCounts, nearestMean, type Reference } from './nearest-mean.ts';
import { blockLength, ResidualProjector } from './residual-projector.ts';
import { meansRecords, weightsRecords } from './simplex.ts';
import { dot, gramOf } from './vectors.ts';
import { withinClassRecords } from './within-class.ts';

export interface MetricsOptions {
  /** Of the very data and labels that the pass will see. */
  readonly ownMeans: ClassMeans;
  /** Of the clean data; pass `ownMeans` itself when the evaluated data are the clean ones. Absent: no metric that needs them. */
  readonly cleanMeans?: Means;
  /** Of the linear classifier on these features [K, d]; only for the last layer. */
  readonly weights?: Float64Array;
}

/** Placement of examples among the clean vertices. */
interface CleanReference extends Reference {
  readonly centred: CentredMeans;
  readonly raw: Means;
  /** First product with clean means in a row of products. */
  readonly at: number;
  /** ‖mu_y − mu′_G‖² [Q] */
  readonly squares: Float64Array;
}

export class MetricsPass {
  readonly #options: MetricsOptions;
  readonly #own: CentredMeans;
  readonly #ownReference: Reference;
  readonly #clean: CleanReference | undefined;
  readonly #projector: ResidualProjector;
  readonly #stride: number;
  /** Slot of each class among those present, −1 where absent [K]. */
  readonly #slots: Int32Array;
  readonly #counts: Int32Array;
  readonly #squares: Float64Array;
  readonly #scatter: Float64Array;
  readonly #ownCounts = new NearestCounts();
  readonly #cleanCounts = new NearestCounts();
  readonly #leaps: LeapCounts;

  /** @throws RangeError when the shapes of means and weights differ */
  constructor(options: MetricsOptions) {
    const { ownMeans, cleanMeans, weights } = options;
    const { classes, dimension } = ownMeans;
    if (cleanMeans !== undefined && cleanMeans.means.length !== ownMeans.means.length)
      throw new RangeError('clean means have another shape');
    if (weights !== undefined && weights.length !== classes * dimension) throw new RangeError('weights are not [K, d]');
    this.#options = options;
    this.#own = centreMeans(ownMeans);
    const n = this.#own.present.length;
    const gram = gramOf(this.#own.centred, n, dimension);
    this.#ownReference = { present: this.#own.present, gram, offsets: gram };
    this.#clean = cleanMeans === undefined ? undefined : cleanReference(this.#own, gram, ownMeans, cleanMeans);
    const directions = directionsOf(this.#own, this.#clean);
    this.#stride = directions.length / dimension;
    this.#projector = new ResidualProjector(directions, dimension);
    this.#slots = Int32Array.from({ length: classes }, (_, c) => this.#own.present.indexOf(c));
    this.#counts = new Int32Array(n);
    this.#squares = new Float64Array(n);
    this.#scatter = new Float64Array(n * n);
    this.#leaps = new LeapCounts(classes);
  }

  /** @param features [B, d] @param labels [B] @param predictions of the network [B] @throws RangeError when shapes or labels do not fit */
  add(features: Features, labels: Int32Array, predictions?: Int32Array): void {
    const { classes, dimension, means } = this.#options.ownMeans;
    checkBatch(features, labels, classes, dimension);
    if (predictions !== undefined && predictions.length !== labels.length)
      throw new RangeError('predictions and labels differ in length');
    for (const label of labels) {
      if (this.#slots[label]! < 0) throw new RangeError(`class ${label} had no sample in the first pass`);
    }
    for (let start = 0; start < labels.length; start += blockLength) {
      const end = Math.min(start + blockLength, labels.length);
      this.#projector.project(features, labels, means, start, end);
      for (let b = start; b < end; b++) this.#addSample(b - start, labels[b]!, predictions?.[b]);
    }
  }

  finish(): readonly MetricRecord[] {
    const { ownMeans, weights } = this.#options;
    const { gram, present } = this.#ownReference;
    const sums = { counts: this.#counts, squares: this.#squares, scatter: this.#scatter };
    const clean = this.#clean;
    return [
      ...withinClassRecords(gram, sums),
      ...meansRecords(gram, present),
      ...(weights === undefined ? [] : weightsRecords(weights, this.#own)),
      ...perClass(
        'split_half_angle',
        present,
        present.map((c) => ownMeans.splitHalfAngles[c]!),
      ),
      ...this.#ownCounts.records('own'),
      ...(clean === undefined
        ? []
        : [
            ...alignmentRecords({ raw: ownMeans, centred: this.#own }, { raw: clean.raw, centred: clean.centred }),
            ...this.#cleanCounts.records('clean'),
            ...this.#leaps.records(),
          ]),
    ];
  }

  #addSample(b: number, label: number, prediction: number | undefined): void {
    const y = this.#slots[label]!;
    const products = this.#projector.dots;
    const at = b * this.#stride;
    const n = this.#counts.length;
    this.#counts[y]!++;
    this.#squares[y]! += this.#projector.squares[b]!;
    for (let i = 0; i < n; i++) {
      const p = products[at + i]!;
      for (let j = i; j < n; j++) this.#scatter[i * n + j]! += p * products[at + j]!;
    }
    this.#ownCounts.add(this.#own.present[nearestMean(this.#ownReference, y, products, at)]!, label, prediction);
    if (this.#clean !== undefined) this.#place(this.#clean, b, label, prediction);
  }

  /** Nearest clean mean, and cosines of h − mu′_G = r + (mu_y − mu′_G) with the clean vertices. */
  #place(clean: CleanReference, b: number, label: number, prediction: number | undefined): void {
    const y = this.#slots[label]!;
    const products = this.#projector.dots;
    const at = b * this.#stride;
    const n = clean.present.length;
    const nearest = clean.present[nearestMean(clean, y, products, at + clean.at)]!;
    this.#cleanCounts.add(nearest, label, prediction);
    this.#leaps.add(label, nearest);
    const shift = clean.at === 0 ? 0 : products[at + this.#stride - 1]!;
    const square = this.#projector.squares[b]! + 2 * (products[at + y]! + shift) + clean.squares[y]!;
    const length = Math.sqrt(Math.max(square, 0));
    let [best, own] = [-Infinity, NaN];
    for (let c = 0; c < n; c++) {
      const cosine = (products[at + clean.at + c]! + clean.offsets[y * n + c]!) / (length * Math.sqrt(clean.gram[c * n + c]!));
      if (cosine > best) best = cosine;
      if (clean.present[c] === label) own = cosine;
    }
    this.#leaps.addCosines(best, own);
  }
}

/** Rows: own centred means; where clean means are others, these too and then mu_G − mu′_G. */
function directionsOf(own: CentredMeans, clean: CleanReference | undefined): Float64Array {
  if (clean === undefined || clean.at === 0) return own.centred;
  const directions = new Float64Array(own.centred.length + clean.centred.centred.length + own.dimension);
  directions.set(own.centred);
  directions.set(clean.centred.centred, own.centred.length);
  directions.set(
    own.globalMean.map((value, j) => value - clean.centred.globalMean[j]!),
    own.centred.length + clean.centred.centred.length,
  );
  return directions;
}

function cleanReference(own: CentredMeans, ownGram: Float64Array, ownMeans: Means, raw: Means): CleanReference {
  const q = own.present.length;
  if (raw === ownMeans) {
    const squares = Float64Array.from({ length: q }, (_, y) => ownGram[y * q + y]!);
    return { present: own.present, gram: ownGram, offsets: ownGram, centred: own, raw, at: 0, squares };
  }
  const d = own.dimension;
  const centred = centreMeans(raw);
  const n = centred.present.length;
  const offsets = new Float64Array(q * n);
  const squares = new Float64Array(q);
  own.present.forEach((label, y) => {
    const x = centred.globalMean.map((value, j) => ownMeans.means[label * d + j]! - value);
    squares[y] = dot(x, 0, x, 0, d);
    for (let c = 0; c < n; c++) offsets[y * n + c] = dot(x, 0, centred.centred, c * d, d);
  });
  return { present: centred.present, gram: gramOf(centred.centred, n, d), offsets, centred, raw, at: q, squares };
}
