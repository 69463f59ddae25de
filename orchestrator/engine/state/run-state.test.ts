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

it.each<[number | undefined, number]>([
  [undefined, 3],
  [0, 0],
  [2, 2],
  [9, 3],
])('counts as found before the run what was found when it first began: of three, %s', (cached, expected) => {
  const plan = planSweep(fc.sample(arbitrarySweep, { seed: 4, numRuns: 1 })[0]!, 'wasm', 100);
  const cellIds = [...plan.cells.keys()].slice(0, 3);
  expect(cellIds).toHaveLength(3);
  const done = new Map(cellIds.map((cellId) => [cellId, { value: { times } }]));
  const counts = new RunState(plan, { done, parked: new Map(), cached }).counts(new Set());
  expect(counts).toMatchObject({ cached: expected, done: 3 - expected });
});
