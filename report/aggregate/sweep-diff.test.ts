import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { describe, expect, it } from 'vitest';
import { syntheticTables } from '../testing/synthetic-tables.ts';
import { diffSweeps } from './sweep-diff.ts';

const tables = syntheticTables(exampleSweep);
const versions = { a: { metrics: 1 }, b: { metrics: 1 } };

describe('diffSweeps', () => {
  it('finds nothing between a sweep and itself', () => {
    const diff = diffSweeps(tables, tables, versions);
    expect(diff).toMatchObject({ spec: [], numerics: [], cells: { onlyA: [], onlyB: [] }, trials: { onlyA: 0, onlyB: 0 } });
    expect(diff.trials.shared).toBe(tables.trials.length);
    expect(diff.metrics.length).toBeGreaterThan(0);
    expect(diff.metrics.filter(({ differing }) => differing > 0)).toEqual([]);
  });

  it('names what was asked otherwise, entries of lists by their names', () => {
    const [first, ...grids] = exampleSweep.grids;
    const other = { ...exampleSweep, seeds: [1, 2], grids: [{ ...first!, epsilons: first!.epsilons.slice(1) }, ...grids] };
    expect(diffSweeps(tables, { ...tables, sweep: other }, versions).spec).toEqual([
      {
        path: 'grids.robustness.epsilons',
        a: '0, 2/255, 4/255, 8/255, 16/255, 64/255',
        b: '2/255, 4/255, 8/255, 16/255, 64/255',
      },
      { path: 'seeds', a: '1, 2, 3', b: '1, 2' },
    ]);
  });

  it('compares the numbers of the same trial, whatever cell it was read from', () => {
    const at = tables.trials.findIndex(({ metrics }) => metrics['nc1'] !== undefined);
    const { metrics, trialId } = tables.trials[at]!;
    const nc1 = metrics['nc1']!;
    const moved = {
      ...tables.trials[at]!,
      cellId: 'f'.repeat(64),
      trialId: 'f'.repeat(16),
      metrics: { ...metrics, nc1: 2 * nc1 },
    };
    const cells = tables.cells.map((cell) => ({ ...cell, backend: 'native-cpu' }));
    const b = { ...tables, cells, trials: tables.trials.with(at, moved).slice(0, -1) };
    const diff = diffSweeps(tables, b, { a: { metrics: 1 }, b: { metrics: 2 } });
    expect(diff.metrics.filter(({ differing }) => differing > 0)).toEqual([
      expect.objectContaining({ metric: 'nc1', differing: 1, largest: nc1, largestRelative: 0.5, worstTrial: trialId }),
    ]);
    expect(diff.trials).toMatchObject({ shared: tables.trials.length - 1, onlyA: 1, onlyB: 0 });
    expect(diff.numerics.map(({ path }) => path)).toEqual(expect.arrayContaining(['scienceVersions.metrics', 'backend']));
  });
});
