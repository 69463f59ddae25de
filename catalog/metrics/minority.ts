import type { StartMeasure, ViewFacts } from '@ncsweep/collapse/view-measure';
import { cosine, defineMetrics, literature, share } from './metric.ts';
import { tolerances } from './tolerance.ts';

const source = literature('Fang, He, Long, Su, arXiv 2101.12699, authors’ public code');
const cosines = { ...cosine, tolerance: tolerances.cosine, source, atCollapse: null } as const;
const accuracies = {
  ...share,
  tolerance: tolerances.share,
  source: literature('Fang, He, Long, Su, arXiv 2101.12699'),
  needs: ['minority', 'predictions'],
} as const;

/** Rows of a matrix, by class. */
type Rows = ReadonlyMap<number, Float64Array>;

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, j) => sum + x * b[j]!, 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

function rowsOf(values: Float64Array, dimension: number, classes: readonly number[]): Rows {
  return new Map(classes.map((c) => [c, values.subarray(c * dimension, (c + 1) * dimension)]));
}

/** Class means minus their unweighted mean, of the classes that have samples. */
function centredMeans({ ownMeans: { means, dimension, counts } }: ViewFacts): Rows {
  const present = [...counts.keys()].filter((c) => counts[c]! > 0);
  const rows = rowsOf(means, dimension, present);
  const centre = Float64Array.from({ length: dimension }, (_, j) => mean([...rows.values()].map((row) => row[j]!)));
  return new Map([...rows].map(([c, row]) => [c, row.map((x, j) => x - centre[j]!)]));
}

/** Mean cosine of two different rows among those of some classes; NaN for fewer than two, or beside a zero row. */
function meanCosine(rows: Rows, classes: readonly number[]): number {
  const some = classes.flatMap((c) => rows.get(c) ?? []);
  const pairs = some.flatMap((a, i) => some.slice(i + 1).map((b) => dot(a, b) / (norm(a) * norm(b))));
  return mean(pairs);
}

const start: StartMeasure = (facts) => {
  const { minority, weights, ownMeans } = facts;
  if (minority === undefined) return { add: () => undefined, finish: () => [] };
  const majority = [...ownMeans.counts.keys()].filter((c) => !minority.includes(c));
  const seen = { minority: { right: 0, all: 0 }, majority: { right: 0, all: 0 } };
  return {
    add: (_, labels, predictions) => {
      if (predictions === undefined || weights === undefined) return;
      labels.forEach((label, b) => {
        const of = seen[minority.includes(label) ? 'minority' : 'majority'];
        of.all += 1;
        if (predictions[b] === label) of.right += 1;
      });
    },
    finish: () => {
      const means = centredMeans(facts);
      const rows =
        weights === undefined
          ? new Map<number, Float64Array>()
          : rowsOf(weights, ownMeans.dimension, [...ownMeans.counts.keys()]);
      const meanNorm = (classes: readonly number[]): number => mean(classes.flatMap((c) => rows.get(c) ?? []).map(norm));
      const values: readonly [string, number][] = [
        ['cos_minority_means', meanCosine(means, minority)],
        ['cos_majority_means', meanCosine(means, majority)],
        ['cos_minority_weights', meanCosine(rows, minority)],
        ['cos_majority_weights', meanCosine(rows, majority)],
        ['norm_ratio_weights', meanNorm(minority) / meanNorm(majority)],
        ['accuracy_minority', seen.minority.right / seen.minority.all],
        ['accuracy_majority', seen.majority.right / seen.majority.all],
      ];
      return values.flatMap(([metric, value]) => (Number.isFinite(value) ? [{ metric, value }] : []));
    },
  };
};

export const minority = defineMetrics({
  name: 'minority',
  summary: 'Classes that are a minority of a dataset against its others; only of datasets that have such',
  ofMinority: true,
  start,
  entries: {
    cos_minority_means: {
      ...cosines,
      label: 'cosine, minority means',
      formula: 'mean over minority classes i ≠ j of cos(m_i, m_j)',
      needs: ['minority'],
    },
    cos_majority_means: {
      ...cosines,
      label: 'cosine, majority means',
      formula: 'mean over the other classes i ≠ j of cos(m_i, m_j)',
      needs: ['minority'],
    },
    cos_minority_weights: {
      ...cosines,
      label: 'cosine, minority weights',
      formula: 'mean over minority classes i ≠ j of cos(w_i, w_j), rows of W not centred; 1 at minority collapse',
      needs: ['minority', 'weights'],
    },
    cos_majority_weights: {
      ...cosines,
      label: 'cosine, majority weights',
      formula: 'mean over the other classes i ≠ j of cos(w_i, w_j), rows of W not centred',
      needs: ['minority', 'weights'],
    },
    norm_ratio_weights: {
      tolerance: tolerances.size,
      label: 'norm of weights, minority / majority',
      formula: 'mean over minority classes of ‖w_c‖ / mean over the others',
      unit: '',
      range: [0, Infinity],
      atCollapse: 1,
      source,
      shape: 'scalar',
      needs: ['minority', 'weights'],
      scale: 'linear',
    },
    accuracy_minority: {
      ...accuracies,
      label: 'accuracy, minority',
      formula: 'P(network prediction = y given y in the minority), last layer only',
      examples: 'minority',
    },
    accuracy_majority: {
      ...accuracies,
      label: 'accuracy, majority',
      formula: 'P(network prediction = y given y not in the minority), last layer only',
      examples: 'majority',
    },
  },
});
