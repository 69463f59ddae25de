import { readFileSync } from 'node:fs';
import { MeansPass } from '@ncsweep/collapse/class-means';
import { MetricsPass } from '@ncsweep/collapse/metrics-pass';
import { describe, expect, it } from 'vitest';
import { minority as family } from './minority.ts';

interface Given {
  /** One row per class. */
  readonly features: readonly (readonly number[])[];
  readonly weights?: readonly (readonly number[])[];
  readonly minority?: readonly number[];
  readonly predictions?: readonly number[];
}

/** The family's numbers of one example per class. */
function measured({ features, weights, minority, predictions }: Given): Readonly<Record<string, number>> {
  const flat = Float64Array.from(features.flat());
  const labels = Int32Array.from(features.keys());
  const pass = new MeansPass(features.length, features[0]!.length);
  pass.add(flat, labels);
  const ownMeans = pass.finish();
  const second = new MetricsPass({
    ownMeans,
    ...(minority && { minority }),
    ...(weights && { weights: Float64Array.from(weights.flat()) }),
    further: [family.start!],
  });
  second.add(flat, labels, predictions && Int32Array.from(predictions));
  const names = Object.keys(family.entries);
  return Object.fromEntries(second.finish().flatMap(({ metric, value }) => (names.includes(metric) ? [[metric, value]] : [])));
}

/** K unit vectors whose cosines are −1/(K−1), moved away from 0. */
const simplex = (classes: number, shift = 0): number[][] =>
  Array.from({ length: classes }, (_, i) =>
    Array.from({ length: classes }, (_, j) => (i === j ? 1 : 0) - 1 / classes + (j === 0 ? shift : 0)),
  );

describe('metrics of minority classes', () => {
  it('are all −1/(K−1) for a simplex, wherever its means lie, and norms are equal', () => {
    const found = measured({ features: simplex(6, 3), weights: simplex(6), minority: [3, 4, 5] });
    for (const name of ['minority_means', 'majority_means', 'minority_weights', 'majority_weights'])
      expect(found[`cos_${name}`], name).toBeCloseTo(-1 / 5, 12);
    expect(found['norm_ratio_weights']).toBeCloseTo(1, 12);
  });

  it('do not centre the rows of W: moved together they become parallel', () => {
    expect(
      measured({ features: simplex(4), weights: simplex(4, 100), minority: [2, 3] })['cos_minority_weights'],
    ).toBeGreaterThan(0.99);
  });

  it('are 1 for the minority where its weights are parallel, whatever their lengths', () => {
    const weights = [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 4, 0],
    ];
    const found = measured({ features: simplex(4), weights, minority: [2, 3] });
    expect(found['cos_minority_weights']).toBeCloseTo(1, 12);
    expect(found['cos_majority_weights']).toBeCloseTo(0, 12);
    expect(found['norm_ratio_weights']).toBeCloseTo(2.5, 12);
  });

  it('count right predictions of either group', () => {
    const found = measured({ features: simplex(5), weights: simplex(5), minority: [3, 4], predictions: [0, 1, 0, 3, 0] });
    expect(found['accuracy_minority']).toBe(1 / 2);
    expect(found['accuracy_majority']).toBe(2 / 3);
  });

  it('are absent where they are undefined: without a minority, of weights without weights, of a single class', () => {
    expect(measured({ features: simplex(4), weights: simplex(4), predictions: [0, 1, 2, 3] })).toEqual({});
    expect(Object.keys(measured({ features: simplex(4), minority: [2, 3], predictions: [0, 1, 2, 3] }))).toEqual([
      'cos_minority_means',
      'cos_majority_means',
    ]);
    expect(measured({ features: simplex(4), weights: simplex(4), minority: [3] })).not.toHaveProperty('cos_minority_weights');
  });
});

interface Optimum {
  readonly ratio: number;
  readonly means: number[][];
  readonly weights: number[][];
  readonly expected: Readonly<Record<string, number>>;
}

const fixture = new URL('../../test/studies/fixtures/layer-peeled.json', import.meta.url);
const { minority, cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { minority: number[]; cases: Optimum[] };

describe('at the optimum of the convex program of layer-peeled.json', () => {
  it.each(cases)('cosines and norms are those of its matrix, at imbalance $ratio', ({ means, weights, expected }) => {
    const found = measured({ features: means, weights, minority });
    for (const [name, value] of Object.entries(expected)) expect(found[name], name).toBeCloseTo(value, 6);
  });

  it('classes form a simplex without imbalance, and minority classifiers are parallel at a large one', () => {
    const cosine = (ratio: number): number => cases.find((each) => each.ratio === ratio)!.expected['cos_minority_weights']!;
    expect(cosine(1)).toBeCloseTo(-1 / 5, 3);
    expect(cosine(1000)).toBeGreaterThan(0.999);
  });
});
