import fc from 'fast-check';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { cellNames } from '@ncsweep/orchestrator/planning/plan/cell-names';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { arbitrarySweep } from '@ncsweep/orchestrator/testing/arbitrary-sweep';
import { describe, expect, it } from 'vitest';
import { placeCells } from './layout.ts';
import { columnAxes, rowAxes } from './wire.ts';

describe('placeCells', () => {
  it('gives every cell of any plan a place of its own, row by row, under its own names', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const plan = planSweep(sweep, 'wasm', 100);
        const { ids, rowOf, columnOf, layout } = placeCells(plan);
        expect([...ids].sort()).toEqual([...plan.cells.keys()].sort());
        const places = ids.map((_, i) => rowOf[i]! * 10_000 + columnOf[i]!);
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
        const namesOf = cellNames(plan);
        for (const [i, id] of ids.entries()) {
          const cell = plan.cells.get(id)!;
          const names = namesOf(cell);
          for (const axis of rowAxes) expect(layout.names[axis][layout.rows[axis][rowOf[i]!]!]?.[0]).toBe(names[axis]?.[0]);
          expect(columnOf[i] === 0).toBe(cell.kind === 'snapshot');
          if (cell.kind === 'evaluate')
            for (const axis of columnAxes)
              expect(layout.names[axis][layout.columns[axis][columnOf[i]!]!]?.[0]).toBe(names[axis]?.[0]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('orders trainings as the sweep, seeds, epochs and budgets by size', () => {
    const { layout } = placeCells(planSweep({ ...exampleSweep, seeds: [10, 9] }, 'wasm', 100));
    const names = (axis: 'training' | 'seed' | 'epoch') => layout.rows[axis].map((number) => layout.names[axis][number]![0]);
    expect([...new Set(names('training'))]).toEqual(['plain', 'robust']);
    expect([...new Set(names('seed'))]).toEqual(['9', '10']);
    expect(names('epoch').slice(0, 5)).toEqual(['0', '1', '10', '30', '60']);
    const pgd = layout.columns.attack
      .map((number, column) => ({ attack: layout.names.attack[number]?.[0], column }))
      .filter(({ attack }) => attack === 'pgd10')
      .map(({ column }) => layout.names.epsilon[layout.columns.epsilon[column]!]![0]);
    expect(pgd.slice(0, 5)).toEqual(['2/255', '4/255', '8/255', '16/255', '64/255']);
  });
});
