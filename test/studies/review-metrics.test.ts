import type { Point } from '@ncsweep/catalog/claims/points';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { describe, expect, it } from 'vitest';
import { sweepOf, verdictsOf } from './study.ts';

const whole = sweepOf('review-metrics');
/** What the claims read, and no more. */
const sweep: Sweep = { ...whole, grids: whole.grids.map((grid) => ({ ...grid, epochs: [5, 'last'], layers: ['last'] })) };

/** Numbers under which every claim holds. Seeds differ a little, so that intervals have a width. */
function asClaimed({ training, epoch, split, labels, seed }: Point): Record<string, number> {
  const by = 1 + 0.02 * seed;
  const trained = epoch >= 40 ? 0.05 : epoch > 0 ? 1 : 10;
  const free = training.endsWith('-free') ? 3 : 1;
  const nc1 = by * trained * free * (split === 'test' ? 200 : 1);
  const accuracy = split === 'train' ? 1 : 0.6 + (epoch >= 40 ? 0.02 : 0) + 0.001 * seed;
  const subclasses = (epoch >= 40 ? 0.35 : 0.45) + (free > 1 ? 0.05 : 0) + 0.002 * seed;
  return {
    nc1,
    nc1_quotient: nc1 / 4,
    nc2_equiangular_means: by * trained,
    nc3: by * trained,
    accuracy,
    ncc_accuracy_own_means: labels === 'fine' ? subclasses : accuracy,
  };
}

type Change = (numbers: Record<string, number>, point: Point) => Record<string, number>;
const outcomes = (change: Change = (numbers) => numbers): readonly string[] =>
  verdictsOf(sweep, (point) => change(asClaimed(point), point)).map(({ outcome }) => outcome);

const isLast = ({ epoch }: Point): boolean => epoch >= 40;

describe('the claims of review-metrics', () => {
  it('hold where numbers are as claimed', () => {
    expect(outcomes()).toEqual(['Supported', 'Supported', 'Supported', 'Supported']);
  });

  it('are contradicted one by one by the opposite numbers', () => {
    const grows: Change = (m, p) => (p.training === 'MSE' && isLast(p) ? { ...m, nc3: 50 } : m);
    expect(outcomes(grows)[0]).toBe('Contradicted');
    const helps: Change = (m, p) => (p.training === 'CE' && isLast(p) ? { ...m, nc1: 20 * m['nc1']! } : m);
    expect(outcomes(helps)[1]).toBe('Contradicted');
    const same: Change = (m, p) =>
      p.split === 'test' ? { ...m, nc1: m['nc1']! / 4000, nc1_quotient: m['nc1_quotient']! / 4000 } : m;
    expect(outcomes(same)[2]).toBe('Contradicted');
    const finer: Change = (m, p) =>
      p.labels === 'fine' && isLast(p) ? { ...m, ncc_accuracy_own_means: 0.7 + 0.002 * p.seed } : m;
    expect(outcomes(finer)[3]).toBe('Contradicted');
  });

  it('stay open where seeds disagree', () => {
    const torn: Change = (m, p) => (p.training === 'CE' && isLast(p) && p.seed === 2 ? { ...m, nc1: 90, nc1_quotient: 20 } : m);
    expect(outcomes(torn)[1]).toBe('Inconclusive');
  });

  it('are vetoed where a network does not fit its training data', () => {
    const unfit: Change = (m, p) => (p.training === 'MSE' && p.split === 'train' && p.seed === 3 ? { ...m, accuracy: 0.9 } : m);
    expect(outcomes(unfit)).toEqual(['Inconclusive', 'Inconclusive', 'Inconclusive', 'Supported']);
  });

  it('about subclasses is vetoed where accuracy among classes falls as well', () => {
    const worse: Change = (m, p) => (p.split === 'test' && p.labels === 'given' && isLast(p) ? { ...m, accuracy: 0.3 } : m);
    expect(outcomes(worse)).toEqual(['Supported', 'Supported', 'Supported', 'Inconclusive']);
  });
});
