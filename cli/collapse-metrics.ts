/** All metrics of arrays on disk, in two passes over each file. */
import { argmaxRows, linearLogits, OutcomePass } from '@ncsweep/collapse/classifier';
import { MeansPass, type ClassMeans } from '@ncsweep/collapse/class-means';
import type { Features } from '@ncsweep/collapse/features';
import type { MetricRecord } from '@ncsweep/collapse/metric-record';
import { MetricsPass } from '@ncsweep/collapse/metrics-pass';
import { rankTolerance } from '@ncsweep/collapse/within-class';
import { readFeatures, type CollapseArrays, type Evaluated } from './collapse-arrays.ts';

type Numbers = readonly (number | null)[];

/** A scalar; `…_by_class`, one number a class; or one row a class. null: undefined, because a class has no samples. */
export type MetricTable = Readonly<Record<string, number | Numbers | readonly Numbers[]>>;

export interface CollapseOutput {
  readonly conventions: Readonly<Record<string, string | number | boolean | null>>;
  readonly clean: MetricTable;
  readonly perturbed?: MetricTable;
}

/** About 8 MB of float64 in memory at once. */
const elementsPerBatch = 1 << 20;

export function measureArrays(arrays: CollapseArrays): CollapseOutput {
  const cleanMeans = meansOf(arrays, arrays.clean);
  const clean = tableOf(measure(arrays, arrays.clean, cleanMeans, cleanMeans), arrays.classes);
  const conventions = conventionsOf(arrays, cleanMeans);
  if (arrays.perturbed === undefined) return { conventions, clean };
  const perturbed = measure(arrays, arrays.perturbed, meansOf(arrays, arrays.perturbed), cleanMeans);
  return { conventions, clean, perturbed: tableOf(perturbed, arrays.classes) };
}

function* batches({ samples, dimension }: CollapseArrays, data: Evaluated): Generator<[Features, number, number]> {
  const rows = Math.max(1, Math.floor(elementsPerBatch / dimension));
  for (let from = 0; from < samples; from += rows) {
    const to = Math.min(samples, from + rows);
    yield [readFeatures(data, from, to), from, to];
  }
}

function meansOf(arrays: CollapseArrays, data: Evaluated): ClassMeans {
  const pass = new MeansPass(arrays.classes, arrays.dimension);
  for (const [features, from, to] of batches(arrays, data)) pass.add(features, arrays.labels.subarray(from, to));
  return pass.finish();
}

function measure(arrays: CollapseArrays, data: Evaluated, ownMeans: ClassMeans, cleanMeans: ClassMeans): readonly MetricRecord[] {
  const { weights, bias, classes } = arrays;
  const pass = new MetricsPass({ ownMeans, cleanMeans, ...(weights && { weights }) });
  const outcome = new OutcomePass(classes);
  for (const [features, from, to] of batches(arrays, data)) {
    const labels = arrays.labels.subarray(from, to);
    const logits = weights && bias && linearLogits(features, weights, bias);
    const predictions = data.predictions?.subarray(from, to) ?? (logits && argmaxRows(logits, classes));
    pass.add(features, labels, predictions);
    if (predictions) outcome.add(labels, predictions, logits);
  }
  return [...outcome.finish(), ...pass.finish()];
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
    cleanReference: 'class means of --features',
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
