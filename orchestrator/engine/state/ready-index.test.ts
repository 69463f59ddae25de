import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arbitrarySweep } from '../../testing/arbitrary-sweep.ts';
import { planSweep } from '../../planning/plan/plan.ts';
import { readyTasks } from '../../planning/plan/ready-tasks.ts';
import { ReadyIndex } from './ready-index.ts';

it('answers as readyTasks does after any changes', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom('done', 'parked', 'queued')), { maxLength: 40 });
  fc.assert(
    fc.property(arbitrarySweep, changes, fc.nat(6), (sweep, steps, limit) => {
      const plan = planSweep(sweep, 'wasm', 100);
      const cellIds = [...plan.cells.keys()];
      const state = { done: new Set<string>(), parked: new Map<string, string>(), queued: new Set<string>() };
      const index = new ReadyIndex(plan, state);
      for (const [at, change] of steps) {
        const cellId = cellIds[at % cellIds.length];
        if (cellId === undefined) return;
        const column = state[change];
        if (column.has(cellId)) column.delete(cellId);
        else if (column instanceof Map) column.set(cellId, 'failed');
        else column.add(cellId);
        index.touch(cellId);
        expect(index.tasks(limit)).toEqual(readyTasks(plan, state, limit));
      }
    }),
  );
});
