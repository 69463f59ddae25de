import type { Point } from '@ncsweep/catalog/claims/points';
import { describe, expect, it } from 'vitest';
import { sweepOf, verdictsOf } from './study.ts';

const sweep = sweepOf('gradient-starvation');

/** Accuracy on test data, in which the easy feature misleads, by training. */
const misled: Readonly<Record<string, number>> = { CE: 0.7, decay: 0.71, 'weak-SD': 0.82, SD: 0.9 };

/** Numbers under which every claim holds. Seeds differ a little, so that intervals have a width. */
function asClaimed({ dataset, training, attack, epsilon, split, seed }: Point): Record<string, number> {
  const by = 0.003 * seed;
  const robust = training.endsWith('SD') ? 0.05 : 0;
  if (epsilon === '1/2') return { accuracy: 0 };
  if (split === 'train') return { accuracy: attack.startsWith('pgd') ? 0.92 + robust + by : 1 };
  const clean = misled[training]! + (dataset === 'overlap' && training === 'CE' ? 0.08 : 0) + by;
  return { accuracy: attack === 'none' || attack === 'sign' ? clean : clean - 0.1 };
}

type Change = (accuracy: number, point: Point) => number;
const outcomes = (change: Change = (accuracy) => accuracy): readonly string[] =>
  verdictsOf(sweep, (point) => ({ accuracy: change(asClaimed(point)['accuracy']!, point) })).map(({ outcome }) => outcome);

const isMisled = (p: Point, training: string): boolean =>
  p.split === 'test' && p.attack === 'none' && p.dataset === 'gap' && p.training === training;

describe('the claims of gradient-starvation', () => {
  it('hold where numbers are as claimed', () => {
    expect(outcomes()).toEqual(['Supported', 'Supported', 'Supported', 'Supported']);
  });

  it('are contradicted by the opposite numbers', () => {
    expect(outcomes((a, p) => (isMisled(p, 'CE') ? a + 0.25 : a)).slice(0, 2)).toEqual(['Contradicted', 'Contradicted']);
    expect(outcomes((a, p) => (isMisled(p, 'decay') ? a + 0.25 : a))[2]).toBe('Contradicted');
    expect(outcomes((a, p) => (p.epsilon === '3/80' && p.attack.startsWith('pgd') && p.training === 'SD' ? a - 0.2 : a))[3]).toBe(
      'Contradicted',
    );
  });

  it('do not lean on the smaller penalty to be contradicted, but stay open with it', () => {
    expect(outcomes((a, p) => (isMisled(p, 'weak-SD') ? a - 0.3 : a))[1]).toBe('Inconclusive');
  });

  it('are vetoed where a network does not fit its training data', () => {
    const unfit = outcomes((a, p) =>
      p.training === 'SD' && p.split === 'train' && p.attack === 'none' && p.dataset === 'gap' ? 0.95 : a,
    );
    expect(unfit).toEqual(['Supported', 'Inconclusive', 'Inconclusive', 'Inconclusive']);
  });
});
