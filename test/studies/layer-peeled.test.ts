import type { Point } from '@ncsweep/catalog/claims/points';
import { describe, expect, it } from 'vitest';
import { sweepOf, verdictsOf } from './study.ts';

const sweep = sweepOf('layer-peeled');

/** Numbers under which every claim holds. Seeds differ a little, so that intervals have a width. */
function asClaimed({ dataset, training, epoch, split, seed }: Point): Record<string, number> {
  const by = 0.01 * seed;
  const isTrained = epoch > 0;
  const isCollapsed = isTrained && dataset === 'severe' && training === 'CE';
  const cosine = isCollapsed ? 0.8 : isTrained && dataset === 'mild' ? 0.1 : -0.2;
  const recognised = { balanced: 0.85, mild: 0.4, severe: training === 'oversampled' ? 0.2 : 0.02 }[dataset]!;
  const fits = isCollapsed ? 0.3 + by : 1;
  return {
    accuracy: split === 'train' ? (isCollapsed ? 0.98 : 1) : 0.6 + by,
    accuracy_minority: split === 'train' ? fits : recognised + by,
    accuracy_majority: split === 'train' ? 1 : 0.9 + by,
    cos_minority_weights: cosine + by,
    cos_majority_weights: -0.3 - by,
    norm_ratio_weights: (isCollapsed ? 0.3 : 1) + by,
    nc2_equiangular_weights: (isCollapsed ? 0.5 : 0.02) + 0.001 * seed,
  };
}

type Change = (numbers: Record<string, number>, point: Point) => Record<string, number>;
const outcomes = (change: Change = (numbers) => numbers): readonly string[] =>
  verdictsOf(sweep, (point) => change(asClaimed(point), point)).map(({ outcome }) => outcome);

/** A change of one training on severely imbalanced data, after training. */
const severely =
  (training: string, more: (point: Point, numbers: Record<string, number>) => Record<string, number>): Change =>
  (m, p) =>
    p.dataset === 'severe' && p.training === training && p.epoch > 0 ? { ...m, ...more(p, m) } : m;

const all = ['Supported', 'Supported', 'Supported', 'Supported', 'Supported'];
const but = (...changed: readonly (readonly [number, string])[]): readonly string[] =>
  all.map((outcome, i) => changed.find(([claim]) => claim === i + 1)?.[1] ?? outcome);

describe('the claims of layer-peeled', () => {
  it('hold where numbers are as claimed', () => {
    expect(outcomes()).toEqual(all);
  });

  it('are contradicted one by one by the opposite numbers', () => {
    const mildest: Change = (m, p) =>
      p.dataset === 'mild' && p.epoch > 0 ? { ...m, cos_minority_weights: -0.4 - 0.01 * p.seed } : m;
    expect(outcomes(mildest)).toEqual(but([1, 'Contradicted']));
    const better = severely('CE', (p, m) => (p.split === 'test' ? { accuracy_minority: 0.95 + 0.01 * p.seed } : m));
    expect(outcomes(better)).toEqual(but([2, 'Contradicted'], [5, 'Contradicted']));
    const anyway = severely('free', (p) => ({ cos_minority_weights: 0.99 + 0.001 * p.seed }));
    expect(outcomes(anyway)).toEqual(but([3, 'Contradicted']));
    const worse = severely('oversampled', (p) => ({ cos_minority_weights: 0.99 + 0.001 * p.seed }));
    expect(outcomes(worse)).toEqual(but([4, 'Contradicted']));
  });

  it('stay open where seeds disagree', () => {
    const torn = severely('oversampled', (p, m) => (p.split === 'test' && p.seed === 2 ? { accuracy_minority: 0 } : m));
    expect(outcomes(torn)).toEqual(but([5, 'Inconclusive']));
  });

  it('are vetoed where a network does not fit the majority', () => {
    const unfit = severely('free', (p, m) => (p.split === 'train' && p.seed === 3 ? { accuracy_majority: 0.9 } : m));
    expect(outcomes(unfit)).toEqual(but([3, 'Inconclusive']));
  });

  it('are vetoed where the whole classifier degenerates', () => {
    const degenerate = severely('CE', (p, m) => (p.seed === 1 ? { cos_majority_weights: 0.2 } : m));
    expect(outcomes(degenerate)).toEqual(but([1, 'Inconclusive'], [3, 'Inconclusive']));
  });

  it('about recognition is vetoed where the other classes are recognised less', () => {
    const bought = severely('oversampled', (p, m) => (p.split === 'test' ? { accuracy_majority: 0.6 + 0.01 * p.seed } : m));
    expect(outcomes(bought)).toEqual(but([5, 'Inconclusive']));
  });
});
