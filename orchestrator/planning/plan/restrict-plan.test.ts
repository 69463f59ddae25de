import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSweep } from './plan.ts';
import { readyTasks } from './ready-tasks.ts';
import { restrictPlan } from './restrict-plan.ts';

const plan = planSweep(exampleSweep, 'wasm', 100);
const all = [...plan.cells.values()];

describe('restrictPlan', () => {
  it('keeps the cells asked for, what they need, and nothing else', () => {
    fc.assert(
      fc.property(fc.subarray(all, { maxLength: 8 }), (wanted) => {
        const part = restrictPlan(
          plan,
          wanted.map(({ cellId }) => cellId),
        );
        const needed = new Set(wanted.flatMap(({ cellId, inputs }) => [cellId, ...inputs]));
        expect(new Set(part.cells.keys())).toEqual(needed);
        const sizes = [...part.trainings, ...part.evaluations].map(({ cells }) => cells.length);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(needed.size);
        expect([...part.cells.keys()]).toEqual([...plan.cells.keys()].filter((id) => needed.has(id)));
      }),
    );
  });

  it('runs no more than the cells asked for when their inputs are done', () => {
    const perturbed = all.filter(({ inputs }) => inputs.length === 2).slice(0, 3);
    const part = restrictPlan(
      plan,
      perturbed.map(({ cellId }) => cellId),
    );
    const done = new Set(perturbed.flatMap(({ inputs }) => inputs as readonly string[]));
    const tasks = readyTasks(part, { done, parked: new Map(), queued: new Set() });
    expect(new Set(tasks.flatMap(({ cells }) => cells.map(({ cellId }) => cellId)))).toEqual(
      new Set(perturbed.map(({ cellId }) => cellId)),
    );
  });

  it('is the plan itself for all of its cells', () => {
    expect(restrictPlan(plan, plan.cells.keys())).toEqual(plan);
  });
});
