import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySweep } from '../../testing/arbitrary-sweep.ts';
import { countPlan } from './count-plan.ts';
import { planSweep, PlanTooLargeError } from './plan.ts';

describe('the counts of a plan', () => {
  it('are those of the plan, for any sweep', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const plan = planSweep(sweep, 'wasm', 8);
        const kinds = [...plan.cells.values()].map(({ kind }) => kind);
        const snapshot = kinds.filter((kind) => kind === 'snapshot').length;
        expect(countPlan(sweep)).toEqual({
          trials: plan.trials,
          trainings: plan.trainings.length,
          cells: { snapshot, evaluate: kinds.length - snapshot },
        });
      }),
      { numRuns: 60 },
    );
  });

  it('and the plan itself are refused from the first cell on that is too many', () => {
    const cells = planSweep(exampleSweep, 'wasm', 8).cells.size;
    expect(planSweep(exampleSweep, 'wasm', 8, cells).cells.size).toBe(cells);
    expect(() => planSweep(exampleSweep, 'wasm', 8, cells - 1)).toThrow(PlanTooLargeError);
    expect(() => countPlan(exampleSweep, cells)).not.toThrow();
    expect(() => countPlan(exampleSweep, cells - 1)).toThrow(/more than \d+ cells, .*Remedy: split it/);
  });
});
