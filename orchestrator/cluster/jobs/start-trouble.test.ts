import { describe, expect, it } from 'vitest';
import { wave as anyWave } from '../../testing/wave.ts';
import type { Wave } from './pool-plan.ts';
import { hasGivenUp, mostFailedWaves, seeStarts, type StartTrouble } from './start-trouble.ts';

const wave = (index: number, change: Partial<Wave> = {}): Wave => anyWave(index, { template: 'base+0', ...change });
const failed = (index: number, change: Partial<Wave> = {}): Wave =>
  wave(index, { failed: true, finished: true, running: 0, ...change });

interface Look {
  readonly before?: StartTrouble | undefined;
  readonly busy?: readonly string[];
  readonly base?: string;
  readonly nowMs?: number;
}
const look = (waves: readonly Wave[], { before, busy = [], base = 'base', nowMs = 0 }: Look = {}): StartTrouble => {
  const isOfBase = ({ template, memoryStep }: Wave): boolean => template === `${base}+${memoryStep}`;
  return seeStarts(before, { waves, base, isOfBase, busy: new Set(busy) }, nowMs);
};

describe('waves whose workers never come to work', () => {
  it('are counted once each, and wait twice as long each time, five minutes at most', () => {
    let trouble: StartTrouble | undefined;
    const waits: number[] = [];
    for (let index = 0; index < 8; index++) {
      trouble = look([failed(index)], { before: trouble, nowMs: 1000 });
      expect(look([failed(index)], { before: trouble, nowMs: 9000 })).toEqual(trouble);
      waits.push(trouble.backOffUntilMs - 1000);
    }
    expect(waits.map((ms) => ms / 1000)).toEqual([10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it('are given up after a bounded number in succession', () => {
    let trouble: StartTrouble | undefined;
    for (let index = 0; index < mostFailedWaves; index++) {
      expect(trouble !== undefined && hasGivenUp(trouble)).toBe(false);
      trouble = look([failed(index)], { before: trouble });
    }
    expect(hasGivenUp(trouble!)).toBe(true);
  });

  it('begin anew when a worker holds a task, and what fails after that counts from one', () => {
    const three = look([failed(3, { failuresBefore: 2 })]);
    expect(three.failures).toBe(3);
    const works = look([wave(4)], { before: three, busy: ['wave-4'] });
    expect(works.failures).toBe(0);
    // Its workers ended later, which is not a failed start.
    expect(look([failed(4)], { before: works }).failures).toBe(0);
    expect(look([failed(5)], { before: works }).failures).toBe(1);
  });

  it('begin anew when what pods are made of was edited', () => {
    const three = look([failed(3, { failuresBefore: 2 })]);
    expect(look([failed(3)], { before: three, base: 'edited' })).toMatchObject({ failures: 0, counted: undefined });
  });

  it('are counted on by a new leader from what the newest one says', () => {
    expect(look([failed(3, { failuresBefore: 3 }), failed(2, { failuresBefore: 2 })]).failures).toBe(4);
    expect(look([wave(3, { failuresBefore: 3 })]).failures).toBe(3);
  });

  it('have more memory at once where it lacked, each time, in bounds', () => {
    const killed = look([wave(0, { outOfMemory: true })], { nowMs: 5 });
    expect(killed).toMatchObject({ failures: 0, memoryStep: 1, backOffUntilMs: 5 });
    const again = look([wave(1, { outOfMemory: true, memoryStep: 1, template: 'base+1' })], { before: killed });
    expect(again).toMatchObject({ failures: 0, memoryStep: 2 });
    // The step stays while the larger pods work.
    const larger = wave(2, { memoryStep: 2, template: 'base+2' });
    expect(look([larger], { before: again, busy: ['wave-2'] })).toMatchObject({ failures: 0, memoryStep: 2 });
    // A new leader finds how large the last pods were.
    const huge = look([wave(9, { outOfMemory: true, memoryStep: 8, template: 'base+8' })]);
    expect([killed, again, huge].map(hasGivenUp)).toEqual([false, false, true]);
  });

  it('are not those that were killed for the memory of a task', () => {
    const works = look([wave(0)], { busy: ['wave-0'] });
    expect(look([wave(0, { outOfMemory: true })], { before: works })).toMatchObject({ failures: 0, memoryStep: 0 });
  });
});
