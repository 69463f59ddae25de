import { exampleSweep, grid } from '@ncsweep/catalog/testing/example-sweep';
import { decodeJson, encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { Task, TaskMessage } from '@ncsweep/protocol/messages';
import { cellFailure } from '@ncsweep/protocol/result';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { failedAttempts } from '@ncsweep/protocol/store/parking';
import { beforeEach, describe, expect, it } from 'vitest';
import { planSweep } from '../../planning/plan/plan.ts';
import type { PodEnd } from './lost-attempt.ts';
import { SweepEngine } from './sweep-engine.ts';
import { TaskHolders } from './task-holders.ts';

const sweep = {
  ...exampleSweep,
  trainings: exampleSweep.trainings.slice(0, 1),
  seeds: [1, 2],
  grids: [grid('g', { epochs: ['last'] })],
};
const plan = planSweep(sweep, 'wasm', 8);

let store: MemoryStore;
let engine: SweepEngine;
let queued: Task[] = [];
beforeEach(async () => {
  store = new MemoryStore();
  queued = [];
  const queue = { enqueue: (_: string, task: TaskMessage) => Promise.resolve(queued.push(task as Task) > 0) };
  engine = await SweepEngine.open({ uid: 'uid', plan, store, queue, holders: new TaskHolders(() => 0), now: () => 0 });
  await engine.pass(10);
});

/** A pod begins an attempt at the first cell of the first task. */
const begin = (podUid: string): Promise<void> => {
  const start = { v: 1, taskId: queued[0]!.taskId, worker: podUid, podUid, node: 'n', buildId: 'b', startedAt: 0, expiresAt: 1 };
  return store.put(keys.start(queued[0]!.cells[0]!.cellId, `attempt-of-${podUid}`), encodeJson(start));
};
const outOfMemory = (podUid: string): PodEnd => ({ podUid, class: 'outOfMemory', message: 'too little memory' });

describe('an attempt that its pod took with it', () => {
  it('is ended as failed, once, and makes the pool ask for more memory', async () => {
    await begin('pod-1');
    for (let again = 0; again < 2; again++) await engine.seePodEnds([outOfMemory('pod-1'), outOfMemory('pod-of-others')]);
    expect(await failedAttempts(store, queued[0]!.cells[0]!.cellId)).toEqual({ outOfMemory: 1 });
    expect(engine.status().memorySteps).toEqual({ train: 1, evaluate: 0 });
    await begin('pod-2');
    await engine.seePodEnds([outOfMemory('pod-1'), outOfMemory('pod-2')]);
    expect(engine.status().memorySteps.train).toBe(2);
    expect(engine.status().parked.size).toBe(0);
  });

  it('parks its cell when the budget is spent, and asks for nothing more then', async () => {
    for (const pod of ['pod-1', 'pod-2', 'pod-3']) {
      await begin(pod);
      await engine.seePodEnds([outOfMemory(pod)]);
    }
    const { cellId } = queued[0]!.cells[0]!;
    expect(engine.status().parked.get(cellId)).toBe('outOfMemory: too little memory');
    const failure = decodeJson(cellFailure, (await store.get(keys.failure(cellId)))!, 'failure');
    expect(failure).toMatchObject({ class: 'outOfMemory', attempts: { outOfMemory: 3 } });
    await engine.pass(10);
    expect(engine.status().memorySteps.train).toBe(0);
  });

  it('costs nothing when the worker ended it itself', async () => {
    await begin('pod-1');
    const { cellId } = queued[0]!.cells[0]!;
    await store.put(keys.end(cellId, 'attempt-of-pod-1'), encodeJson({ v: 1, outcome: 'given-back' }));
    await engine.seePodEnds([outOfMemory('pod-1')]);
    expect(await failedAttempts(store, cellId)).toEqual({});
    expect(engine.status().memorySteps.train).toBe(0);
  });

  it('hears of it from a worker too, and only for what is queued', () => {
    const said = { v: 1, kind: 'needs-memory', worker: 'w', atMs: 0, cellId: queued[0]!.cells[0]!.cellId } as const;
    engine.see({ ...said, taskId: queued[0]!.taskId, step: 2 });
    engine.see({ ...said, taskId: queued[0]!.taskId, step: 1 });
    engine.see({ ...said, taskId: 'of another sweep', step: 7 });
    expect(engine.status().memorySteps).toEqual({ train: 2, evaluate: 0 });
  });
});
