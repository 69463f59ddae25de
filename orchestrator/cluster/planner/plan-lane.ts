/**
 * A queue of plans and the thread that makes them, one at a time, the smallest first. A thread that takes too long is terminated;
 * the next plan gets a new one.
 *
 * States of the thread: absent → busy (a plan is requested) → idle (it answered) → busy | absent (no request came for a while);
 * busy → absent (its plan took too long, nobody wants it any more, or the thread died).
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../passes/clock.ts';
import type { PlanAnswer, PlanRequest, ThreadData, ThreadMessage } from './plan-request.ts';

/** Thrown when a plan took longer than its lane allows. */
export class PlanTooSlowError extends Error {
  override readonly name = 'PlanTooSlowError';
}

/** Thrown when a plan needs more memory than its thread may have. */
export class PlanOutOfMemoryError extends Error {
  override readonly name = 'PlanOutOfMemoryError';
}

export interface PlanLaneOptions {
  readonly thread: ThreadData;
  /** Time limit for one plan. */
  readonly limitMs: number;
  /** Heap limit of the thread. */
  readonly heapMebibytes: number;
  /** A thread that has been idle for this long ends, to free its memory; undefined: it never does. */
  readonly idleMs: number | undefined;
  readonly clock: Clock;
}

interface Job {
  readonly request: Omit<PlanRequest, 'id'>;
  /** As estimated by rough-size.ts. */
  readonly size: number;
  readonly resolve: (answer: PlanAnswer) => void;
  readonly reject: (error: Error) => void;
}

export class PlanLane {
  readonly #options: PlanLaneOptions;
  readonly #queue: Job[] = [];
  #thread: Worker | undefined;
  #current: Job | undefined;
  #cancelTimer: () => void = () => undefined;
  #asked = 0;
  #isStopped = false;

  constructor(options: PlanLaneOptions) {
    this.#options = options;
  }

  /** @throws PlanTooSlowError, PlanOutOfMemoryError, the signal's reason, or whatever ended the thread */
  plan(request: Omit<PlanRequest, 'id'>, size: number, signal: AbortSignal): Promise<PlanAnswer> {
    return new Promise((resolve, reject) => {
      const job: Job = { request, size, resolve, reject };
      signal.addEventListener('abort', () => this.#drop(job, signal.reason as Error), { once: true });
      this.#queue.push(job);
      this.#queue.sort((a, b) => a.size - b.size);
      this.#next();
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer();
    for (const job of this.#queue.splice(0)) job.reject(new Error('the planner is stopping'));
    await this.#thread?.terminate();
  }

  /** Drops a plan that nobody wants any more. */
  #drop(job: Job, reason: Error): void {
    const at = this.#queue.indexOf(job);
    if (at >= 0) this.#queue.splice(at, 1);
    job.reject(reason);
    if (this.#current === job) this.#end(reason);
  }

  #next(): void {
    if (this.#isStopped || this.#current !== undefined) return;
    this.#cancelTimer();
    const job = this.#queue.shift();
    if (job === undefined) {
      const { idleMs, clock } = this.#options;
      if (idleMs !== undefined) this.#cancelTimer = clock.after(idleMs, () => this.#letGo());
      return;
    }
    this.#current = job;
    this.#asked += 1;
    this.#thread ??= this.#start();
    this.#limit();
    this.#thread.postMessage({ id: this.#asked, ...job.request } satisfies PlanRequest);
  }

  /** Starts the plan's time limit. */
  #limit(): void {
    const { clock, limitMs } = this.#options;
    this.#cancelTimer();
    const tooSlow = (): void => this.#end(new PlanTooSlowError(`planning took longer than ${limitMs / 1000} s`));
    this.#cancelTimer = clock.after(limitMs, tooSlow);
  }

  #start(): Worker {
    const thread = new Worker(new URL(import.meta.resolve('@ncsweep/orchestrator/cluster/planner/planner-thread')), {
      workerData: this.#options.thread,
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapMebibytes },
    });
    thread.on('message', (message: ThreadMessage) => {
      if (thread !== this.#thread) return;
      if (message === 'ready') {
        if (this.#current !== undefined) this.#limit(); // the time to start the thread does not count
        return;
      }
      if (message.id !== this.#asked) return;
      const job = this.#current;
      this.#current = undefined;
      job?.resolve(message.answer);
      this.#next();
    });
    const died = (error: Error): void => {
      if (thread === this.#thread) this.#end(error);
    };
    thread.on('error', (error: Error & { code?: string }) =>
      died(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? new PlanOutOfMemoryError('planning ran out of memory', { cause: error })
          : error,
      ),
    );
    thread.on('exit', (code) => died(new Error(`the planner's thread ended with code ${code}`)));
    thread.unref();
    return thread;
  }

  /** Terminates the thread and the plan that it is making. */
  #end(reason: Error): void {
    const job = this.#current;
    this.#current = undefined;
    this.#letGo();
    job?.reject(reason);
    this.#next();
  }

  #letGo(): void {
    const thread = this.#thread;
    this.#thread = undefined;
    void thread?.terminate();
  }
}
