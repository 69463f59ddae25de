import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { collapse, UnfitArraysError, type CollapseInput } from './index.ts';

interface Case {
  readonly name: string;
  readonly classes: number;
  readonly labels: number[];
  readonly predictions: number[];
  readonly clean: number[];
  readonly perturbed: number[];
  readonly weights: number[];
  readonly expected: Record<string, number>;
}
const cases = JSON.parse(readFileSync(new URL('./fixtures/cases.json', import.meta.url), 'utf8')) as Case[];

const inputOf = ({ labels, predictions, clean, perturbed, weights }: Case): CollapseInput => ({
  features: Float64Array.from(clean),
  perturbedFeatures: Float64Array.from(perturbed),
  weights: Float64Array.from(weights),
  labels,
  predictions,
});

describe('collapse', () => {
  it.each(cases)('agrees with NumPy: $name', (c) => {
    const { perturbed } = collapse(inputOf(c));
    const scalars = Object.entries(c.expected).filter(([name]) => typeof perturbed![name] === 'number');
    expect(scalars.length).toBeGreaterThan(10);
    for (const [name, value] of scalars) expect(perturbed![name], name).toBeCloseTo(value, 6);
  });

  it('takes float32 as it is', () => {
    const features = Float32Array.of(1, 0.5, 1, -0.5, -1, 0.25, -1, -0.25);
    const labels = [0, 0, 1, 1];
    expect(collapse({ features, labels })).toEqual(collapse({ features: Float64Array.from(features), labels }));
  });

  it.each<[string, Partial<CollapseInput>, RegExp]>([
    ['rows and labels that differ', { labels: [0, 1, 0] }, /features: 8 numbers found for 3 labels/],
    ['no labels', { labels: [] }, /8 numbers found for 0 labels/],
    [
      'NaN',
      { features: Float64Array.of(1, 2, 3, NaN, 5, 6, 7, 8) },
      /features: NaN found at row 1, column 1, finite numbers expected; drop/,
    ],
    ['a label that is no class', { labels: [0, 1, 2, 0], classes: 2 }, /labels: 2 found at 2, a whole number of 0\.\.1 expected/],
    ['half a label', { labels: [0, 1, 0.5, 0] }, /labels: 0\.5 found at 2/],
    [
      'too few perturbed rows',
      { perturbedFeatures: new Float64Array(6) },
      /perturbedFeatures: 6 numbers found, 8, as features have/,
    ],
    ['a bias alone', { bias: new Float64Array(2) }, /bias needs weights/],
    [
      'weights of another dimension',
      { weights: new Float64Array(6), classes: 2 },
      /weights: 6 numbers found, 4, of 2 classes, expected/,
    ],
    ['weights of no whole number of classes', { weights: new Float64Array(5) }, /classes: 2\.5 found/],
    ['too few predictions', { predictions: [0] }, /predictions: 1 found, 4 expected/],
    ['clean predictions alone', { cleanPredictions: [0, 0, 1, 1] }, /cleanPredictions need perturbedFeatures/],
  ])('refuses %s', (_, change, message) => {
    const sound = { features: Float64Array.of(1, 0, 1, 1, 0, 1, 0, 2), labels: [0, 0, 1, 1] };
    const attempt = (): unknown => collapse({ ...sound, ...change });
    expect(attempt).toThrow(UnfitArraysError);
    expect(attempt).toThrow(message);
  });
});
