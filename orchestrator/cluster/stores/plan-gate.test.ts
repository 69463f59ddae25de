import { expect, it } from 'vitest';
import { PlanGate } from './plan-gate.ts';

it('lets many plan, or delete, in a store at a time, and nobody do the other meanwhile', () => {
  const gate = new PlanGate();
  const plans = [gate.planning('a'), gate.planning('a')];
  expect(gate.deleting('a')).toBeUndefined();
  expect(gate.deleting('b')).toBeDefined();
  plans[0]!();
  expect(gate.deleting('a')).toBeUndefined();
  plans[1]!();
  const done = gate.deleting('a');
  expect(done).toBeDefined();
  expect(gate.planning('a')).toBeUndefined();
  expect(gate.mayPlan('a')).toBe(false);
  done!();
  expect(gate.planning('a')).toBeDefined();
});
