/**
 * The work queue in memory, with the semantics that workers rely on from JetStream: one message per task, explicit acknowledgement,
 * redelivery after the ack wait. Pure: time comes in as an argument.
 *
 * A task is absent → waiting (enqueue) → delivered (pull) → absent (ack, term) or waiting again (nak, expiry, release).
 */
import type { Task } from '../messages.ts';
import { ackWaitMs } from './stream.ts';

interface Entry {
  readonly task: Task;
  deliveries: number;
  /** Order among waiting tasks. */
  readonly order: number;
  /** When a waiting task may be delivered, or when a delivery expires, ms. */
  dueMs: number;
  delivered?: { readonly id: number; readonly consumer: string };
}

export interface Delivered {
  readonly deliveryId: number;
  readonly task: Task;
  readonly deliveries: number;
}

export class WorkQueue {
  readonly #entries = new Map<string, Entry>();
  #nextOrder = 1;
  #nextDelivery = 1;

  get size(): number {
    return this.#entries.size;
  }

  /** @returns false when the task is already in the queue, which serves as well */
  enqueue(task: Task, nowMs: number): boolean {
    if (this.#entries.has(task.taskId)) return false;
    this.#entries.set(task.taskId, { task, deliveries: 0, order: this.#nextOrder++, dueMs: nowMs });
    return true;
  }

  /** The oldest task that is due, waiting or expired. */
  pull(consumer: string, nowMs: number): Delivered | undefined {
    const due = [...this.#entries.values()].filter((entry) => entry.dueMs <= nowMs).sort((a, b) => a.order - b.order)[0];
    if (!due) return undefined;
    due.deliveries += 1;
    due.dueMs = nowMs + ackWaitMs;
    due.delivered = { id: this.#nextDelivery++, consumer };
    return { deliveryId: due.delivered.id, task: due.task, deliveries: due.deliveries };
  }

  /** @returns false, without effect, when the delivery is no longer the current one */
  working(deliveryId: number, nowMs: number): boolean {
    const entry = this.#delivered(deliveryId);
    if (entry) entry.dueMs = nowMs + ackWaitMs;
    return entry !== undefined;
  }

  /** Acknowledges or terminates. @returns the task, or undefined when the delivery is no longer the current one */
  remove(deliveryId: number): Task | undefined {
    const entry = this.#delivered(deliveryId);
    if (entry) this.#entries.delete(entry.task.taskId);
    return entry?.task;
  }

  /** @returns as `working` */
  nak(deliveryId: number, delayMs: number, nowMs: number): boolean {
    const entry = this.#delivered(deliveryId);
    if (entry) this.#giveBack(entry, nowMs + delayMs);
    return entry !== undefined;
  }

  /** Gives back what was delivered to a consumer that is gone. @returns its tasks */
  release(consumer: string, nowMs: number): Task[] {
    const held = [...this.#entries.values()].filter((entry) => entry.delivered?.consumer === consumer);
    for (const entry of held) this.#giveBack(entry, nowMs);
    return held.map(({ task }) => task);
  }

  /** When the next task becomes due, ms; undefined when the queue is empty. */
  nextDueMs(): number | undefined {
    return this.size === 0 ? undefined : Math.min(...[...this.#entries.values()].map(({ dueMs }) => dueMs));
  }

  #delivered(deliveryId: number): Entry | undefined {
    return [...this.#entries.values()].find(({ delivered }) => delivered?.id === deliveryId);
  }

  #giveBack(entry: Entry, dueMs: number): void {
    delete entry.delivered;
    entry.dueMs = dueMs;
  }
}
