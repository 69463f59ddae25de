import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySweep } from '../../testing/arbitrary-sweep.ts';
import { cellsOfDocument, decodePlan, encodePlan } from './plan-document.ts';
import { planSweep, type RunnablePlan } from './plan.ts';

function decoded(bytes: Uint8Array): RunnablePlan {
  const steps = decodePlan(bytes);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe('a plan as bytes', () => {
  it('is read as it was written, for any sweep, with groups and cells in their order', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const plan = planSweep(sweep, 'wasm', 8);
        const again = decoded(encodePlan(plan));
        const { cellAt: _, ...runnable } = plan;
        expect(again).toEqual(runnable);
        expect(cellsOfDocument(encodePlan(plan))).toBe(plan.cells.size);
        expect([...again.cells.keys()]).toEqual([...plan.cells.keys()]);
      }),
      { numRuns: 60 },
    );
  });

  it('is much smaller than its JSON', () => {
    const plan = planSweep({ ...exampleSweep, seeds: Array.from({ length: 200 }, (_, i) => i) }, 'wasm', 8);
    expect(encodePlan(plan).length).toBeLessThan(JSON.stringify([...plan.cells.values()]).length / 5);
  });

  it('rests between a few thousand cells', () => {
    const plan = planSweep({ ...exampleSweep, seeds: Array.from({ length: 200 }, (_, i) => i) }, 'wasm', 8);
    expect([...decodePlan(encodePlan(plan))].length).toBeGreaterThanOrEqual(Math.floor(plan.cells.size / 2_000));
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['cut short', (bytes) => bytes.slice(0, -1)],
    ['of another version', (bytes) => Buffer.from(Buffer.from(bytes).toString('latin1').replace('"v":1', '"v":9'), 'latin1')],
    ['empty', () => new Uint8Array()],
  ])('is refused when it is %s', (_, damage) => {
    expect(() => decoded(damage(encodePlan(planSweep(exampleSweep, 'wasm', 8))))).toThrow();
  });
});
