import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import type { TaskMessage } from '@ncsweep/protocol/messages';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { describe, expect, it } from 'vitest';
import { planSweep } from '../../planning/plan/plan.ts';
import { SweepEngine } from './sweep-engine.ts';
import { TaskHolders } from './task-holders.ts';

const window = 1000;

/** Makes engines that share a leader, and records what each puts into the queue. */
function leader() {
  let nowMs = 0;
  /** To whom, from whom, how many tasks. */
  const lent: [string, string, number][] = [];
  const holders = new TaskHolders(() => nowMs);
  const queued = new Map<string, Set<string>>();
  const queue = {
    enqueue: (sweep: string, task: TaskMessage): Promise<boolean> => {
      queued.set(sweep, (queued.get(sweep) ?? new Set()).add(task.taskId));
      return Promise.resolve(true);
    },
  };
  const plan = planSweep(exampleSweep, 'wasm', 250);
  return {
    holders,
    plan,
    lent,
    open: (uid: string, store: ObjectStore, checksAPass = 1000) =>
      SweepEngine.open({
        uid,
        plan,
        store,
        queue,
        holders,
        now: () => nowMs,
        checksAPass,
        onBorrow: (from, tasks) => lent.push([uid, from, tasks]),
      }),
    tasksOf: (uid: string): ReadonlySet<string> => queued.get(uid) ?? new Set(),
    later: (ms: number): void => void (nowMs += ms),
  };
}

it('is active while a worker holds a task or has just finished one', async () => {
  const { open, plan, later } = leader();
  const engine = await open('a', new MemoryStore());
  const isActive = (): boolean => engine.status().active;
  expect(isActive()).toBe(false);
  engine.seeRunning(new Set(['t']));
  engine.seeRunning(new Set());
  expect(isActive()).toBe(true);
  later(10_000);
  expect(isActive()).toBe(false);
  const event = { v: 1, kind: 'committed', worker: 'w', atMs: 0, taskId: 't', attemptId: 'x', computeMs: 1 } as const;
  engine.see({ ...event, cellId: 'of another sweep' });
  expect(isActive()).toBe(false);
  engine.see({ ...event, cellId: [...plan.cells.keys()][0]! });
  expect(isActive()).toBe(true);
});

describe('sweeps that want the same tasks', () => {
  it('have each in the queue once; the other sees what the first computes', async () => {
    const { open, tasksOf, plan } = leader();
    const store = new MemoryStore();
    const [first, second] = [await open('a', store), await open('b', store)];
    await first.pass(window);
    await second.pass(window);
    expect(tasksOf('a').size).toBeGreaterThan(0);
    expect(tasksOf('b').size).toBe(0);
    expect(second.status()).toMatchObject({ finished: false, queued: { train: 0, evaluate: 0 } });
    const [cellId = ''] = plan.cells.keys();
    const event = { v: 1, worker: 'w', atMs: 0, taskId: 't', attemptId: 'x', computeMs: 1 } as const;
    for (const engine of [first, second]) engine.see({ ...event, kind: 'committed', cellId });
    expect(second.isDone(cellId)).toBe(true);
  });

  it('are taken over when the first lets go', async () => {
    const { open, tasksOf, holders } = leader();
    const store = new MemoryStore();
    const [first, second] = [await open('a', store), await open('b', store)];
    await first.pass(window);
    await second.pass(window);
    holders.releaseAll('a');
    await second.pass(window);
    expect(tasksOf('b')).toEqual(tasksOf('a'));
    expect(second.status().queued.train).toBe(tasksOf('b').size);
  });

  it('are lent when the workers of the first do nothing; the first waits for the result then', async () => {
    const { open, tasksOf, later, lent } = leader();
    const store = new MemoryStore();
    const [first, second] = [await open('a', store), await open('b', store)];
    await first.pass(window);
    await second.pass(window);
    const held = tasksOf('a').size;
    expect(second.status()).toMatchObject({ heldBy: new Map([['a', held]]), queued: { train: 0 } });
    later(120_000);
    await second.pass(window);
    expect(tasksOf('b')).toEqual(tasksOf('a'));
    expect(lent).toEqual([['b', 'a', held]]);
    await first.pass(window);
    expect(first.status()).toMatchObject({ heldBy: new Map([['b', held]]), queued: { train: 0 }, finished: false });
  });

  it('are not lent while a worker of the first holds one', async () => {
    const { open, tasksOf, later } = leader();
    const store = new MemoryStore();
    const [first, second] = [await open('a', store), await open('b', store)];
    await first.pass(window);
    for (let i = 0; i < 30; i += 1) {
      later(10_000);
      first.seeRunning(new Set(['t']));
      await second.pass(window);
    }
    expect(tasksOf('b').size).toBe(0);
  });

  it('compute them twice when their stores are two', async () => {
    const { open, tasksOf } = leader();
    const [here, there] = [new MemoryStore(), new MemoryStore()];
    Object.defineProperty(there, 'location', { value: 'there' });
    for (const engine of [await open('a', here), await open('b', there)]) await engine.pass(window);
    expect(tasksOf('b')).toEqual(tasksOf('a'));
  });

  it('are put in again in time, as the queue may have lost them', async () => {
    const { open, tasksOf, later } = leader();
    const engine = await open('a', new MemoryStore());
    await engine.pass(window);
    const before = tasksOf('a').size;
    (tasksOf('a') as Set<string>).clear();
    await engine.pass(window);
    expect(tasksOf('a').size).toBe(0);
    later(60_000);
    await engine.pass(window);
    expect(tasksOf('a').size).toBe(before);
  });

  it('are looked after in turn when they are many: each pass some, none forgotten', async () => {
    const { open, tasksOf, later } = leader();
    const atOnce = 2;
    const engine = await open('a', new MemoryStore(), atOnce);
    await engine.pass(window);
    const all = new Set(tasksOf('a'));
    expect(all.size).toBeGreaterThan(atOnce);
    (tasksOf('a') as Set<string>).clear();
    later(60_000);
    for (let again = atOnce; again < all.size; again += atOnce) {
      await engine.pass(window);
      expect(tasksOf('a').size).toBe(again);
      later(30_000);
    }
    await engine.pass(window);
    expect(tasksOf('a')).toEqual(all);
  });
});

it('estimates the time left from the first result on, and anew after ten seconds, as that looks at every cell', async () => {
  const { open, later, plan } = leader();
  const engine = await open('a', new MemoryStore());
  expect(engine.status().etaSeconds).toBeUndefined();
  const event = { v: 1, kind: 'committed', worker: 'w', atMs: 0, taskId: 't', attemptId: 'x', computeMs: 60_000 } as const;
  const [first, ...others] = plan.cells.keys();
  engine.see({ ...event, cellId: first ?? '' });
  const atFirst = engine.status().etaSeconds;
  expect(atFirst).toBeGreaterThan(0);
  for (const cellId of others) engine.see({ ...event, cellId });
  later(9_999);
  expect(engine.status().etaSeconds).toBe(atFirst);
  later(1);
  expect(engine.status().etaSeconds).toBe(0);
});
