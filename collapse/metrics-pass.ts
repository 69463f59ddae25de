/**
 * Second pass: every metric of a layer, from products of residuals r = h − mu_y with centred class means (K×K numbers and a few per sample).
 * Regrouping (by predicted or target labels) repeats the same two passes with other labels.
 */
import { alignmentRecords } from './alignment.ts';
import { centreMeans, type CentredMeans } from './class-means.ts';
import { CleanPlacement } from './clean-placement.ts';
import { checkBatch, type Features } from './features.ts';
import { perClass, type MetricRecord } from './metric-record.ts';
import { NearestCounts, nearestMean, type Reference } from './nearest-mean.ts';
import { blockLength, ResidualProjector } from './residual-projector.ts';
import { meansRecords, weightsRecords } from './simplex.ts';
import { gramOf } from './vectors.ts';
import type { StartMeasure, ViewFacts, ViewMeasure } from './view-measure.ts';
import { withinClassRecords } from './within-class.ts';

export interface MetricsOptions extends ViewFacts {
  /** Further measures, made in the same pass. */
  readonly further?: readonly StartMeasure[];
}

export class MetricsPass {
  readonly #options: MetricsOptions;
  readonly #own: CentredMeans;
  readonly #reference: Reference;
  readonly #clean: CleanPlacement | undefined;
  readonly #projector: ResidualProjector;
  /** Products per sample. */
  readonly #stride: number;
  /** Slot of each class among those present, −1 where absent [K]. */
  readonly #slots: Int32Array;
  readonly #counts: Int32Array;
  readonly #squares: Float64Array;
  readonly #scatter: Float64Array;
  readonly #nearest = new NearestCounts();
  readonly #further: readonly ViewMeasure[];

  /** @throws RangeError when the shapes of means and weights differ */
  constructor(options: MetricsOptions) {
    const { ownMeans, cleanMeans, weights } = options;
    const { classes, dimension } = ownMeans;
    if (cleanMeans !== undefined && (cleanMeans.classes !== classes || cleanMeans.dimension !== dimension)) {
      throw new RangeError('clean and own means differ in shape');
    }
    if (weights !== undefined && weights.length !== classes * dimension) throw new RangeError('weights are not [K, d]');
    this.#options = options;
    this.#own = centreMeans(ownMeans);
    const n = this.#own.present.length;
    const gram = gramOf(this.#own.centred, n, dimension);
    this.#reference = { present: this.#own.present, gram, offsets: gram };
    this.#clean = cleanMeans === undefined ? undefined : new CleanPlacement(this.#own, gram, ownMeans, cleanMeans);
    const directions = this.#clean?.directions ?? this.#own.centred;
    this.#stride = directions.length / dimension;
    this.#projector = new ResidualProjector(directions, dimension);
    this.#slots = Int32Array.from({ length: classes }, (_, c) => this.#own.present.indexOf(c));
    this.#counts = new Int32Array(n);
    this.#squares = new Float64Array(n);
    this.#scatter = new Float64Array(n * n);
    this.#further = options.further?.map((start) => start(options)) ?? [];
  }

  /**
   * @param features [B, d] @param labels [B] @param predictions of the network [B]
   * @throws RangeError when shapes do not fit, or for a label that the pass over the means did not see
   */
  add(features: Features, labels: Int32Array, predictions?: Int32Array): void {
    const { classes, dimension, means } = this.#options.ownMeans;
    checkBatch(features, labels, classes, dimension);
    if (predictions !== undefined && predictions.length !== labels.length) {
      throw new RangeError(`${predictions.length} predictions for ${labels.length} labels`);
    }
    for (const label of labels) {
      if (this.#slots[label]! < 0) throw new RangeError(`class ${label} had no sample in the first pass`);
    }
    for (let start = 0; start < labels.length; start += blockLength) {
      const end = Math.min(start + blockLength, labels.length);
      this.#projector.project(features, labels, means, start, end);
      for (let b = start; b < end; b++) this.#addSample(b - start, labels[b]!, predictions?.[b]);
    }
    for (const measure of this.#further) measure.add(features, labels, predictions);
  }

  finish(): readonly MetricRecord[] {
    const { ownMeans, weights } = this.#options;
    const { gram, present } = this.#reference;
    const halves = present.map((c) => ownMeans.splitHalfAngles[c]!);
    return [
      ...withinClassRecords(gram, { counts: this.#counts, squares: this.#squares, scatter: this.#scatter }),
      ...meansRecords(gram, present),
      ...(weights === undefined ? [] : weightsRecords(weights, this.#own)),
      ...perClass('split_half_angle', present, halves),
      ...this.#nearest.records('own'),
      ...this.#cleanRecords(),
      ...this.#further.flatMap((measure) => measure.finish()),
    ];
  }

  #cleanRecords(): readonly MetricRecord[] {
    const { ownMeans, cleanMeans } = this.#options;
    if (this.#clean === undefined || cleanMeans === undefined) return [];
    return [
      ...alignmentRecords({ raw: ownMeans, centred: this.#own }, { raw: cleanMeans, centred: this.#clean.centred }),
      ...this.#clean.records(),
    ];
  }

  #addSample(b: number, label: number, prediction: number | undefined): void {
    const y = this.#slots[label]!;
    const { dots: products, squares } = this.#projector;
    const [at, n, square] = [b * this.#stride, this.#counts.length, squares[b]!];
    this.#counts[y]!++;
    this.#squares[y]! += square;
    for (let i = 0; i < n; i++) {
      const p = products[at + i]!;
      for (let j = i; j < n; j++) this.#scatter[i * n + j]! += p * products[at + j]!;
    }
    this.#nearest.add(this.#own.present[nearestMean(this.#reference, y, products, at)]!, label, prediction);
    this.#clean?.add({ label, y, prediction, square, products, at });
  }
}
