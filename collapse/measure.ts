/** All metrics of arrays, in two passes over the features. */
import { argmaxRows, OutcomePass } from './classifier.ts';
import type { ClassMeans } from './class-means.ts';
import type { MetricRecord } from './metric-record.ts';
import { MetricsPass } from './metrics-pass.ts';
import { timesPowerOfTwo } from './power-scale.ts';
import type { StartMeasure } from './view-measure.ts';
import { rankTolerance } from './within-class.ts';
import { featureBatches, type CollapseArrays, type Evaluated } from './arrays.ts';
import { scaledClassifier } from './scaled-classifier.ts';
import { checkResidual, firstPasses, largestResidual, scaledMeans } from './range.ts';

type Numbers = readonly (number | null)[];

/** A scalar; one number per class, as `…_by_class`; or one row per class. null means undefined, because a class has no samples. */
export type MetricTable = Readonly<Record<string, number | Numbers | readonly Numbers[]>>;

export interface CollapseOutput {
  readonly conventions: Readonly<Record<string, string | number | boolean | null>>;
  readonly clean: MetricTable;
  readonly perturbed?: MetricTable;
  /** Numbers left out because they are too large or too small for float64; absent when there are none. */
  readonly notRepresentable?: readonly string[];
}

/** This package's metrics in the unit of the features; all its others do not depend on that unit. */
export const metricsInFeatureUnits: readonly string[] = ['mean_distance'];

/** Further measures, made in the same pass as this package's metrics. */
export interface FurtherMeasures {
  readonly starts: readonly StartMeasure[];
  /** Names of their records in the unit of the features. Only these may depend on that unit. */
  readonly inFeatureUnits: readonly string[];
}

/** @throws UnfitArraysError */
export function measureArrays(arrays: CollapseArrays, further?: FurtherMeasures): CollapseOutput {
  const pass = firstPasses(arrays);
  const alone = scaledMeans(pass, [arrays.clean]);
  const [cleanMeans] = alone.means as [ClassMeans];
  const clean = measure(arrays, arrays.clean, { ownMeans: cleanMeans, cleanMeans, exponent: alone.exponent, further });
  const conventions = conventionsOf(arrays, cleanMeans);
  const output = { conventions, clean: tableOf(clean.records, arrays.classes) };
  if (arrays.perturbed === undefined) return { ...output, ...leftOut({ clean }) };
  const { means, exponent } = scaledMeans(pass, [arrays.perturbed, arrays.clean]);
  const [ownMeans, reference] = means as [ClassMeans, ClassMeans];
  const perturbed = measure(arrays, arrays.perturbed, { ownMeans, cleanMeans: reference, exponent, further });
  return { ...output, perturbed: tableOf(perturbed.records, arrays.classes), ...leftOut({ clean, perturbed }) };
}

interface Reference {
  readonly ownMeans: ClassMeans;
  readonly cleanMeans: ClassMeans;
  /** Means and measured features are multiplied by 2^exponent. */
  readonly exponent: number;
  readonly further: FurtherMeasures | undefined;
}

interface Measured {
  readonly records: readonly MetricRecord[];
  readonly notRepresentable: readonly MetricRecord[];
}

function measure(arrays: CollapseArrays, data: Evaluated, reference: Reference): Measured {
  const { ownMeans, cleanMeans, exponent, further } = reference;
  const classifier = scaledClassifier(arrays);
  const pass = new MetricsPass({
    ownMeans,
    cleanMeans,
    ...(classifier && { weights: classifier.weights }),
    ...(further && { further: further.starts }),
  });
  const outcome = new OutcomePass(arrays.classes);
  let [largest, residual] = [0, 0];
  for (const batch of featureBatches(arrays, data, exponent)) {
    const labels = arrays.labels.subarray(batch.from, batch.to);
    const logits = classifier?.logits(batch, exponent);
    const predictions = data.predictions?.subarray(batch.from, batch.to) ?? (logits && argmaxRows(logits, arrays.classes));
    pass.add(batch.features, labels, predictions);
    if (predictions) outcome.add(labels, predictions, logits);
    largest = Math.max(largest, batch.largest);
    residual = Math.max(residual, largestResidual(batch.features, labels, ownMeans));
  }
  checkResidual(residual, ownMeans, { title: data.features.title, largest, exponent });
  const scaled = [...metricsInFeatureUnits, ...(further?.inFeatureUnits ?? [])];
  return inFeatureUnits([...outcome.finish(), ...pass.finish()], scaled, exponent);
}

/** Restores numbers in the unit of the features to their values without the power of two; the others do not depend on it. */
function inFeatureUnits(measured: readonly MetricRecord[], scaled: readonly string[], exponent: number): Measured {
  const [records, notRepresentable]: [MetricRecord[], MetricRecord[]] = [[], []];
  for (const record of measured) {
    const hasUnit = scaled.includes(record.metric);
    const value = hasUnit ? timesPowerOfTwo(record.value, -exponent) : record.value;
    const isThere = Number.isFinite(value) && (value !== 0 || record.value === 0);
    (isThere ? records : notRepresentable).push({ ...record, value });
  }
  return { records, notRepresentable };
}

/** E.g. `perturbed.mean_distance_by_class[2]`. */
function leftOut(measured: Readonly<Record<string, Measured>>): Pick<CollapseOutput, 'notRepresentable'> {
  const names = Object.entries(measured).flatMap(([table, { notRepresentable }]) =>
    notRepresentable.map(({ metric, row }) => `${table}.${metric}${row === undefined ? '' : `_by_class[${row}]`}`),
  );
  return names.length === 0 ? {} : { notRepresentable: names };
}

function conventionsOf(arrays: CollapseArrays, means: ClassMeans): CollapseOutput['conventions'] {
  return {
    version: 1,
    samples: arrays.samples,
    dimension: arrays.dimension,
    classes: arrays.classes,
    classesPresent: means.counts.filter((count) => count > 0).length,
    globalMean: 'unweighted mean of the class means',
    nc1DividedByClasses: false,
    equinormDdof: 1,
    weightsCentred: false,
    rankTolerance,
    angleUnit: 'degrees',
    simplexAngleCentre: 'own global mean of each',
    leapCentre: 'clean global mean',
    cleanReference: `class means of ${arrays.called('features')}`,
    predictions: predictionsOf(arrays.perturbed ?? arrays.clean, arrays),
  };
}

function predictionsOf(data: Evaluated, { weights, bias }: CollapseArrays): string | null {
  if (data.predictions) return 'given';
  return weights && bias ? 'argmax of weights and bias' : null;
}

/** Scalars under their names, vectors under `name_by_class`, matrices as rows. */
function tableOf(records: readonly MetricRecord[], classes: number): MetricTable {
  const table: Record<string, number | (number | null)[] | (number | null)[][]> = {};
  const empty = (): null[] => Array.from({ length: classes }, () => null);
  for (const { metric, row, col, value } of records) {
    if (row === undefined) {
      table[metric] = value;
    } else if (col === undefined) {
      const vector = (table[`${metric}_by_class`] ??= empty()) as (number | null)[];
      vector[row] = value;
    } else {
      const matrix = (table[metric] ??= Array.from({ length: classes }, empty)) as (number | null)[][];
      matrix[row]![col] = value;
    }
  }
  return table;
}
