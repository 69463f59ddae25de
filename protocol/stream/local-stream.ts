/** The stream on a single machine: the parent process holds the queue, and workers reach it over their IPC channel (ipc-stream.ts). */
import type { Task, TaskRecord } from '../messages.ts';
import type { StreamEvent } from './stream.ts';
import { type Delivered, WorkQueue } from './work-queue.ts';

export interface LocalStreamListener {
  record(consumer: string, record: TaskRecord): void;
  event(consumer: string, event: StreamEvent): void;
  /** A task left the queue (ack or term). */
  left(task: Task): void;
}

type Waiter = (delivered: Delivered | undefined) => void;

export class LocalStream {
  readonly #queue = new WorkQueue();
  readonly #listener: LocalStreamListener;
  readonly #now: () => number;
  /** Consumers waiting for a task, first come, first served. */
  readonly #waiting = new Map<string, Waiter>();
  #timer: NodeJS.Timeout | undefined;
  #drained = false;

  constructor(listener: LocalStreamListener, now: () => number = Date.now) {
    this.#listener = listener;
    this.#now = now;
  }

  /** Tasks in the queue, waiting or delivered. */
  get size(): number {
    return this.#queue.size;
  }

  /** @returns false when it is already queued, which serves as well */
  enqueue(task: Task): boolean {
    const added = this.#queue.enqueue(task, this.#now());
    this.#dispatch();
    return added;
  }

  /** From now on every pull, including those waiting, is told that nothing is left. */
  drain(): void {
    this.#drained = true;
    this.#dispatch();
  }

  pull(consumer: string): Promise<Delivered | undefined> {
    return new Promise((resolve) => {
      this.#waiting.set(consumer, resolve);
      this.#dispatch();
    });
  }

  working(deliveryId: number): void {
    this.#queue.working(deliveryId, this.#now());
  }

  /** For ack and term. */
  remove(deliveryId: number): void {
    const task = this.#queue.remove(deliveryId);
    if (task) this.#listener.left(task);
  }

  nak(deliveryId: number, delayMs: number): void {
    this.#queue.nak(deliveryId, delayMs, this.#now());
    this.#dispatch();
  }

  record(consumer: string, record: TaskRecord): void {
    this.#listener.record(consumer, record);
  }

  event(consumer: string, event: StreamEvent): void {
    this.#listener.event(consumer, event);
  }

  /** A consumer is gone; its task is delivered to another. @returns its tasks */
  release(consumer: string): Task[] {
    this.#waiting.delete(consumer);
    const held = this.#queue.release(consumer, this.#now());
    this.#dispatch();
    return held;
  }

  #dispatch(): void {
    clearTimeout(this.#timer);
    for (const [consumer, resolve] of this.#waiting) {
      const delivered = this.#drained ? undefined : this.#queue.pull(consumer, this.#now());
      if (!delivered && !this.#drained) break;
      this.#waiting.delete(consumer);
      resolve(delivered);
    }
    const dueMs = this.#queue.nextDueMs();
    if (this.#waiting.size === 0 || dueMs === undefined) return;
    this.#timer = setTimeout(() => this.#dispatch(), Math.max(1, dueMs - this.#now()));
    this.#timer.unref();
  }
}
