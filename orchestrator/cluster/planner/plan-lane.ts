/**
 * A queue of plans and the thread that makes them, one at a time, the smallest first. A thread that takes too long is ended; the next plan
 * gets another.
 *
 * States of the thread: absent → busy (a plan is asked for) → idle (it answered) → busy | absent (nothing came for a while);
 * busy → absent (its plan took too long, nobody wants it any more, or it died).
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
  /** Of a plan. */
  readonly limitMs: number;
  /** Of a thread. */
  readonly heapMebibytes: number;
  /** A thread that has nothing to do for so long gives its memory back; undefined: it never does. */
  readonly idleMs: number | undefined;
  readonly clock: Clock;
}

interface Job {
  readonly request: Omit<PlanRequest, 'id'>;
  /** rough-size.ts */
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
    for (const job of this.#queue.splice(0)) job.reject(new Error('the planner stops'));
    await this.#thread?.terminate();
  }

  /** Nobody wants it any more. */
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

  /** From now on the plan has its time. */
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
        if (this.#current !== undefined) this.#limit(); // starting took its time
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

  /** Ends the thread with what it is doing. */
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
