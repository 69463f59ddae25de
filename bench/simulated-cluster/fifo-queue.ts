/**
 * The queue of one class as JetStream keeps it, without its rates: a task is in it once, goes to who asks first, and comes again after the
 * ack wait when its worker is gone. (`WorkQueue` of protocol/stream says the same in O(tasks) a pull, too slow for 8,000 workers.)
 */
import type { Task } from '@ncsweep/protocol/messages';

export class FifoQueue {
  /** Waiting or delivered. */
  readonly #taskIds = new Set<string>();
  #waiting: Task[] = [];
  /** How many of `#waiting` are gone. */
  #taken = 0;

  /** @returns false when it is there already */
  enqueue(task: Task): boolean {
    if (this.#taskIds.has(task.taskId)) return false;
    this.#taskIds.add(task.taskId);
    this.#waiting.push(task);
    return true;
  }

  pull(): Task | undefined {
    const task = this.#waiting[this.#taken];
    if (task === undefined) return undefined;
    this.#taken += 1;
    if (this.#taken > 1000 && 2 * this.#taken > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    return task;
  }

  ack({ taskId }: Task): void {
    this.#taskIds.delete(taskId);
  }

  /** The ack wait is over: it is the oldest, so it is next. */
  redeliver(task: Task): void {
    this.#waiting.splice(this.#taken, 0, task);
  }
}
