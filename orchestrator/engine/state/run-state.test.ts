import fc from 'fast-check';
import { expect, it } from 'vitest';
import { arbitrarySweep } from '../../testing/arbitrary-sweep.ts';
import { planSweep } from '../../planning/plan/plan.ts';
import { blockedCells } from '../../planning/plan/state.ts';
import { RunState } from './run-state.ts';

const times = { startMs: 0, endMs: 0, computeMs: 0 };

it('counts what is blocked and how many trials are done after any changes', () => {
  const changes = fc.array(fc.tuple(fc.nat(), fc.constantFrom('commit', 'park', 'stick')), { maxLength: 40 });
  fc.assert(
    fc.property(arbitrarySweep, changes, (sweep, steps) => {
      const planned = planSweep(sweep, 'wasm', 100);
      const cellIds = [...planned.cells.keys()];
      const plan = { ...planned, rowsOf: new Map(cellIds.map((cellId, i) => [cellId, i % 3])) };
      const state = new RunState(plan, { done: new Map(), parked: new Map() });
      const [done, parked] = [new Set<string>(), new Map<string, string>()];
      for (const [at, change] of steps) {
        const cellId = cellIds[at % cellIds.length];
        if (cellId === undefined) return;
        if (change === 'commit') state.commit(cellId, times);
        if (change === 'park') state.park(cellId, 'unknown', 'broke');
        if (change === 'stick') state.stick(cellId, 'unknown: broke');
        if (change === 'commit') done.add(cellId);
        else if (!done.has(cellId)) parked.set(cellId, 'broke');
        expect(state.counts(new Set()).blocked).toBe(blockedCells(plan, { done, parked }).size);
        expect(state.trialsDone).toBe([...done].reduce((sum, each) => sum + plan.rowsOf.get(each)!, 0));
      }
    }),
  );
});
