import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { describe, expect, it } from 'vitest';
import { clientSweep } from '../testing/client-sweep.ts';
import { axesWithCurves, curveSets } from './curve-lines.ts';
import { bandOf, ticksOf } from './line-chart.ts';

const { sweep, ids, board } = clientSweep(planSweep(exampleSweep, 'wasm', 100));
for (const cell of ids.keys()) {
  if (sweep.isWeights(cell)) continue;
  board.set(cell, 'done');
  board.measure(cell, { accuracy: Number(sweep.nameOf(cell, 'seed')) / 10 });
}

describe('curves', () => {
  it('are by epoch and by budget where a sweep has several', () => {
    expect(axesWithCurves(sweep)).toEqual(['epoch', 'epsilon']);
    const once = { ...exampleSweep, grids: exampleSweep.grids.slice(2, 3) };
    expect(axesWithCurves(clientSweep(planSweep(once, 'wasm', 100)).sweep)).not.toContain('epoch');
  });

  it('by epoch have a point for each snapshot and a line for each seed', () => {
    const clean = curveSets(sweep, 'epoch', 'accuracy').find(({ title }) => title === 'accuracy, clean, train');
    expect(clean?.lines.map(({ name }) => name)).toEqual(['plain', 'robust']);
    expect(clean?.lines[0]?.seeds).toHaveLength(3);
    expect(clean?.lines[0]?.seeds[0]?.map(([x]) => x)).toEqual([0, 1, 10, 30, 60]);
  });

  it('by budget begin at the clean evaluation and are of the last epoch', () => {
    const pgd = curveSets(sweep, 'epsilon', 'accuracy').find(({ title }) => title === 'accuracy, pgd10, test');
    expect(pgd?.lines[1]?.seeds[2]).toEqual([0, 2, 4, 8, 16, 64].map((n) => [n / 255, expect.closeTo(0.3, 6) as number]));
  });
});

it('a band goes from the least seed to the greatest, at each place that any has', () => {
  const seeds = [[[0, 1] as const, [1, 2] as const], [[0, 3] as const]];
  expect(bandOf(seeds)).toEqual([
    { x: 0, mean: 2, low: 1, high: 3 },
    { x: 1, mean: 2, low: 2, high: 2 },
  ]);
});

it.each([
  [0, 1, false, [0, 0.5, 1]],
  [0, 0.9, false, [0, 0.5]],
  [0.02, 400, true, [0.1, 1, 10, 100]],
  [3, 7, true, [3, Math.sqrt(21), 7]],
] as const)('ticks from %f to %f are round', (low, high, isLog, expected) => {
  expect(ticksOf(low, high, isLog)).toEqual(expected.map((tick) => expect.closeTo(tick, 9) as number));
});
