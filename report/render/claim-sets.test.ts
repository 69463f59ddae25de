import { exampleSet } from '@ncsweep/catalog/testing/example-set';
import { exampleSweep, grid } from '@ncsweep/catalog/testing/example-sweep';
import { claimSetsOf } from '@ncsweep/catalog/claims/asked-sets';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { describe, expect, it } from 'vitest';
import { syntheticTables, type Fixture } from '../testing/synthetic-tables.ts';
import { verdictLines } from '../aggregate/verdict-lines.ts';
import { judgeSets, type Verdicts } from '../aggregate/verdict.ts';
import { renderReport } from './render-report.ts';

const [small] = exampleSweep.datasets;
const sweep: Sweep = {
  ...exampleSweep,
  datasets: [small!, { name: 'large', params: { ...small!.params, classes: 20 } as (typeof small & object)['params'] }],
  grids: [...exampleSweep.grids, grid('tested', { splits: ['train', 'test'] })],
};
const both = [...claimSetsOf(sweep), { set: exampleSet, claims: exampleSet.claims }];
const judged = (change: Fixture['change']): { verdicts: Verdicts; page: string; text: string } => {
  const tables = syntheticTables(sweep, change === undefined ? {} : { change });
  const verdicts = judgeSets(tables, both);
  const files = renderReport(tables, verdicts);
  return { verdicts, page: String(files.get('index.html')), text: String(files.get('report.md')) };
};
const accuracyOf =
  (few: number, many: number): Fixture['change'] =>
  (m, p) =>
    p.split === 'test' && p.epsilon === '0/1' ? { ...m, accuracy: (p.dataset === 'large' ? many : few) + 0.01 * p.seed } : m;

describe('several claim sets in one report', () => {
  it('are judged each in its own strata', () => {
    const { verdicts } = judged(accuracyOf(0.9, 0.5));
    expect(verdicts.sets.map(({ set, strata }) => [set.name, strata.length])).toEqual([
      ['su2023', 2],
      ['example2026', 1],
    ]);
    const outcome = (v: Verdicts) => v.sets[1]?.strata[0]?.verdicts[0]?.outcome;
    expect(outcome(verdicts)).toBe('Supported');
    expect(outcome(judged(accuracyOf(0.5, 0.9)).verdicts)).toBe('Contradicted');
    expect(verdictLines(verdicts).at(-1)).toContain('example2026 1 few classes are easier');
  });

  it('stand beside each other, each with its sections', () => {
    const { page, text } = judged(accuracyOf(0.9, 0.5));
    expect(page).toContain('example2026: few classes against many');
    expect(page).toContain('id="class-counts"');
    expect(page).toContain('aria-label="Accuracy: train; test"');
    expect(page.match(/ id="curves"/g)).toHaveLength(1);
    expect(page).toContain('<a href="#class-counts">Class counts</a>');
    expect(text).toContain('## Claims of example2026: convnet');
  });

  it('reads test data where a contrast names them, and shows no second verdict beside', () => {
    const verdict = judged(accuracyOf(0.9, 0.5)).verdicts.sets[1]?.strata[0]?.verdicts[0];
    expect(verdict?.contrasts[0]?.interval?.mean).toBeCloseTo(0.4, 9);
    expect(verdict?.beside).toEqual([undefined]);
    expect(verdictLines(judged(accuracyOf(0.9, 0.5)).verdicts).at(-1)).toMatch(/ on test data/);
  });
});
