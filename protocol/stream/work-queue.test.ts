import { describe, expect, it } from 'vitest';
import { exampleTask } from '../testing/example-task.ts';
import { ackWaitMs } from './stream.ts';
import { WorkQueue } from './work-queue.ts';

const [a, b] = [exampleTask('a'), exampleTask('b')];

describe('WorkQueue', () => {
  it('takes a task once, also while it is delivered', () => {
    const queue = new WorkQueue();
    expect(queue.enqueue(a, 0)).toBe(true);
    expect(queue.enqueue(a, 0)).toBe(false);
    queue.pull('w1', 0);
    expect(queue.enqueue(a, 0)).toBe(false);
    expect(queue.size).toBe(1);
  });

  it('delivers in order, each task to one consumer', () => {
    const queue = new WorkQueue();
    queue.enqueue(a, 0);
    queue.enqueue(b, 0);
    expect(queue.pull('w1', 0)?.task).toBe(a);
    expect(queue.pull('w2', 0)?.task).toBe(b);
    expect(queue.pull('w3', 0)).toBeUndefined();
  });

  it('forgets a task that was acknowledged', () => {
    const queue = new WorkQueue();
    queue.enqueue(a, 0);
    const delivered = queue.pull('w1', 0)!;
    expect(queue.remove(delivered.deliveryId)).toBe(a);
    expect(queue.size).toBe(0);
    expect(queue.enqueue(a, 0)).toBe(true);
  });

  it('delivers a naked task again, after the delay', () => {
    const queue = new WorkQueue();
    queue.enqueue(a, 0);
    queue.nak(queue.pull('w1', 0)!.deliveryId, 500, 100);
    expect(queue.nextDueMs()).toBe(600);
    expect(queue.pull('w2', 599)).toBeUndefined();
    expect(queue.pull('w2', 600)).toMatchObject({ task: a, deliveries: 2 });
  });

  it('delivers again what nobody works on, and ignores the zombie', () => {
    const queue = new WorkQueue();
    queue.enqueue(a, 0);
    const zombie = queue.pull('w1', 0)!;
    expect(queue.working(zombie.deliveryId, ackWaitMs - 1)).toBe(true);
    expect(queue.pull('w2', ackWaitMs)).toBeUndefined();
    const second = queue.pull('w2', 2 * ackWaitMs)!;
    expect(second.deliveries).toBe(2);
    expect(queue.remove(zombie.deliveryId)).toBeUndefined();
    expect(queue.remove(second.deliveryId)).toBe(a);
  });

  it('gives back the tasks of a consumer that is gone', () => {
    const queue = new WorkQueue();
    queue.enqueue(a, 0);
    queue.enqueue(b, 0);
    queue.pull('w1', 0);
    queue.pull('w2', 0);
    expect(queue.release('w1', 1)).toEqual([a]);
    expect(queue.pull('w3', 1)?.task).toBe(a);
  });
});
