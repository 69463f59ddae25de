import { exampleSweep, pgd } from '@ncsweep/catalog/testing/example-sweep';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySweep } from '../../testing/arbitrary-sweep.ts';
import { leastCells } from './cell-bound.ts';
import { countPlan } from './count-plan.ts';

const cellsOf = (sweep: typeof exampleSweep): number => {
  const { snapshot, evaluate } = countPlan(sweep).cells;
  return snapshot + evaluate;
};

describe('the number of cells that a grid has at least', () => {
  it('is never above what its plan has', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        for (const grid of sweep.grids) expect(leastCells(sweep, grid)).toBeLessThanOrEqual(cellsOf(sweep));
      }),
      { numRuns: 60 },
    );
  });

  it('is exact for a grid without filters and zips, whatever is named or listed twice', () => {
    fc.assert(
      fc.property(arbitrarySweep, ({ grids, ...sweep }) => {
        const attacks = [pgd('again'), ...grids[0]!.attacks, pgd('twice')];
        const grid = { ...grids[0]!, attacks, labels: ['given' as const], only: [], exclude: [], zip: [] };
        const plain = { ...sweep, grids: [grid], seeds: [...sweep.seeds, ...sweep.seeds] };
        expect(leastCells(plain, grid)).toBe(cellsOf(plain));
      }),
      { numRuns: 60 },
    );
  });
});
