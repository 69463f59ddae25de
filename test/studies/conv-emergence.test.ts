import type { Point } from '@ncsweep/catalog/claims/points';
import { decidableClaims } from '@ncsweep/catalog/claims/decidable';
import { describe, expect, it } from 'vitest';
import { sweepOf, verdictsOf } from './study.ts';

const sweep = sweepOf('conv-emergence');

const ratio = 'committee/inverse-participation-ratio';
const share = 'committee/localised-share';

/** Ratio of trained fields by dataset; untrained ones have 0.03. */
const trained: Readonly<Record<string, number>> = { 'gain-3': 0.038, 'twin-3': 0.022, 'gain-1': 0.027, 'gain-0.1': 0.0224 };

/** Numbers under which every claim holds. Seeds differ a little, so that intervals have a width. */
function asClaimed({ dataset, epoch, seed }: Point): Record<string, number> {
  const by = 1 + 0.01 * seed * (dataset === 'twin-3' ? -1 : 1);
  const isLocal = dataset === 'gain-3' && epoch === 20;
  return {
    [ratio]: epoch === 0 ? 0.03 + 0.001 * seed : by * trained[dataset]!,
    [share]: isLocal ? 0.55 + 0.02 * seed : 0,
    accuracy: epoch === 0 ? 0.5 : 0.95,
  };
}

type Change = (numbers: Record<string, number>, point: Point) => Record<string, number>;
const outcomes = (change: Change = (numbers) => numbers): readonly string[] =>
  verdictsOf(sweep, (point) => change(asClaimed(point), point)).map(({ outcome }) => outcome);

const isTrained = (point: Point, dataset: string): boolean => point.dataset === dataset && point.epoch === 20;

describe('the claims of conv-emergence', () => {
  it('hold where numbers are as claimed', () => {
    expect(outcomes()).toEqual(['Supported', 'Supported', 'Supported']);
  });

  it('are contradicted one by one by the opposite numbers', () => {
    const local: Change = (m, p) => (isTrained(p, 'twin-3') ? { ...m, [ratio]: 0.09 + 0.001 * p.seed } : m);
    expect(outcomes(local)).toEqual(['Contradicted', 'Contradicted', 'Supported']);
    const spreads: Change = (m, p) => (isTrained(p, 'gain-3') ? { ...m, [ratio]: 0.025 + 0.0001 * p.seed } : m);
    expect(outcomes(spreads)).toEqual(['Supported', 'Contradicted', 'Contradicted']);
  });

  it('stay open where only the ratio says so and the share of local fields does not', () => {
    const none: Change = (m, p) => (isTrained(p, 'gain-3') ? { ...m, [share]: 0 } : m);
    expect(outcomes(none)).toEqual(['Inconclusive', 'Supported', 'Supported']);
  });

  it('are vetoed where a network learnt nothing', () => {
    const guesses: Change = (m, p) => (isTrained(p, 'twin-3') && p.seed === 2 ? { ...m, accuracy: 0.5 } : m);
    expect(outcomes(guesses)).toEqual(['Inconclusive', 'Inconclusive', 'Supported']);
  });

  it('are vetoed where networks do not begin with the same weights', () => {
    const other: Change = (m, p) => (p.dataset === 'gain-1' && p.epoch === 0 && p.seed === 3 ? { ...m, [ratio]: 0.0301 } : m);
    expect(outcomes(other)).toEqual(['Supported', 'Supported', 'Inconclusive']);
  });

  it('are not decidable where the sweep measures no ratio, and say what to add', () => {
    const [first] = decidableClaims({ ...sweep, metrics: sweep.metrics!.filter(({ params }) => params.part !== ratio) });
    expect(first).toMatchObject({ decidable: false, missing: [`metrics: [{part: ${ratio}}]`] });
  });
});
