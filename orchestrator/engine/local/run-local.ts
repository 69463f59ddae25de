/**
 * Runs a plan on this machine: this process holds the queue; worker processes compute and commit.
 *
 * running → draining (nothing is ready or queued: workers are told to end) → over
 *         → stopping (interrupted, or a worker met a problem that concerns all) → over
 * The run is over when no worker is left. A worker that dies is replaced, unless several die in a row without a commit between
 * them.
 */
import type { Task } from '@ncsweep/protocol/messages';
import { type ObjectStore, StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import { LocalStream } from '@ncsweep/protocol/stream/local-stream';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import { lookAtCell } from '../store/look-at-cell.ts';
import { type InitialState, RunState } from '../state/run-state.ts';
import { estimate } from '../../planning/plan/estimate.ts';
import type { RunnablePlan } from '../../planning/plan/plan.ts';
import type { RunEvent, RunSummary } from './run-event.ts';
import { TrainingPace } from './training-pace.ts';
import { type WorkerEnd, WorkerPool, type WorkerProgram } from './worker-pool.ts';

/** Thrown when the workers cannot go on; the message is the worker's. */
export class WorkersFailedError extends Error {
  override readonly name = 'WorkersFailedError';
}

export interface LocalRunOptions {
  readonly plan: RunnablePlan;
  readonly store: ObjectStore;
  readonly initial: InitialState;
  readonly workers: number;
  readonly program: WorkerProgram;
  /** Stops the run: workers write checkpoints and give their tasks back. */
  readonly signal: AbortSignal;
  /** Ends the workers at once. */
  readonly kill: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

const progressEveryMs = 1000;
/** This many worker deaths in a row, without a commit between them, end a run. */
const maxDeaths = 5;
/** Worker exit codes that concern every worker: device unusable, protocol or store version, configuration. */
const commonTroubles: readonly (number | null)[] = [70, 76, 78];

/** @throws WorkersFailedError, StoreUnavailableError */
export async function runLocal(options: LocalRunOptions): Promise<RunSummary> {
  return new LocalRun(options).run();
}

class LocalRun {
  readonly #options: LocalRunOptions;
  readonly #state: RunState;
  readonly #stream: LocalStream;
  readonly #pool: WorkerPool;
  readonly #pace = new TrainingPace();
  /** The task that each worker holds. */
  readonly #held = new Map<string, string>();
  readonly #lastWords = new Map<string, string>();
  readonly #over = Promise.withResolvers<undefined>();
  #phase: 'running' | 'draining' | 'stopping' = 'running';
  #deaths = 0;
  #error: Error | undefined;
  /** Number of store look-ups under way for tasks that left the queue. */
  #checking = 0;

  constructor(options: LocalRunOptions) {
    this.#options = options;
    this.#state = new RunState(options.plan, options.initial);
    this.#stream = new LocalStream({
      record: (worker, record) => {
        if (record.kind === 'attempt' && record.state === 'started') this.#held.set(worker, record.taskId);
        this.#pace.see(record);
        options.onEvent({ kind: 'record', worker, record });
      },
      event: (worker, event) => this.#onEvent(worker, event),
      left: (task) => void this.#onLeft(task),
    });
    this.#pool = new WorkerPool(options.program, this.#stream, options.workers, (end) => this.#onWorkerEnd(end));
  }

  async run(): Promise<RunSummary> {
    const startMs = Date.now();
    const { signal, kill, onEvent, plan, workers } = this.#options;
    const counts = this.#state.counts(new Set());
    onEvent({ kind: 'started', sweep: plan.sweep.name, backend: plan.backend, workers, counts });
    const stop = (): void => this.#stopWorkers();
    const killAll = (): void => this.#pool.stop('SIGKILL');
    signal.addEventListener('abort', stop);
    kill.addEventListener('abort', killAll);
    const ticking = setInterval(() => this.#tellProgress(), progressEveryMs);
    try {
      if (signal.aborted) this.#phase = 'stopping';
      this.#topUp();
      await this.#over.promise;
      if (this.#error) throw this.#error;
    } finally {
      clearInterval(ticking);
      signal.removeEventListener('abort', stop);
      kill.removeEventListener('abort', killAll);
      this.#pool.stop('SIGKILL');
    }
    const { parked, stuck } = this.#state;
    return {
      counts: this.#state.counts(new Set()),
      parked,
      stuck,
      interrupted: signal.aborted,
      elapsedMs: Date.now() - startMs,
    };
  }

  /**
   * Keeps two tasks per worker queued, and starts workers for present and future tasks alike, so that they are up when tasks become
   * ready.
   */
  #topUp(): void {
    if (this.#phase === 'running') {
      const { retries } = this.#options.plan.sweep.execution;
      for (const task of this.#state.ready(2 * this.#options.workers - this.#stream.size)) {
        this.#state.enqueue(task);
        this.#stream.enqueue({ ...task, retries });
      }
      if (this.#stream.size > 0) this.#pool.grow(this.#state.counts(new Set()).waiting);
      if (this.#stream.size === 0 && this.#checking === 0) {
        this.#phase = 'draining';
        this.#stream.drain();
      }
    }
    if (this.#phase !== 'running' && this.#pool.live === 0) this.#over.resolve(undefined);
  }

  #onEvent(worker: string, event: StreamEvent): void {
    this.#state.see(event);
    if (event.kind === 'committed') {
      this.#deaths = 0;
      this.#topUp();
    }
    if (event.kind === 'attempt-ended') this.#held.delete(worker);
    if (event.kind === 'worker-drained' && event.message !== undefined) this.#lastWords.set(worker, event.message);
    this.#options.onEvent({ kind: 'stream', worker, event });
  }

  /** Handles a task that left the queue. Cells without an event are looked up in the store. */
  async #onLeft(task: Task): Promise<void> {
    this.#checking += 1;
    for (const [worker, taskId] of this.#held) if (taskId === task.taskId) this.#held.delete(worker);
    try {
      for (const cellId of task.cells.map((cell) => cell.cellId).filter((id) => this.#state.isMissing(id)))
        await lookAtCell(this.#options.store, cellId, this.#state);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    const missing = this.#state.dequeue(task);
    if (missing.length === task.cells.length) {
      for (const cellId of missing) this.#state.stick(cellId, 'a worker acknowledged its task without a result');
    }
    this.#checking -= 1;
    this.#topUp();
  }

  #onWorkerEnd({ worker, exitCode, signal }: WorkerEnd): void {
    this.#held.delete(worker);
    this.#options.onEvent({ kind: 'worker-ended', worker, exitCode, signal });
    if (this.#phase === 'running') {
      const words = this.#lastWords.get(worker) ?? `worker ${worker} ended (${signal ?? exitCode})`;
      this.#deaths += 1;
      if (exitCode === 78) this.#fail(new StoreUnavailableError(words));
      else if (commonTroubles.includes(exitCode)) this.#fail(new WorkersFailedError(words));
      else if (this.#deaths >= maxDeaths) {
        this.#fail(new WorkersFailedError(`${maxDeaths} workers ended in a row without a result; the last one: ${words}`));
      }
    }
    this.#topUp();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#stopWorkers();
  }

  #stopWorkers(): void {
    this.#phase = 'stopping';
    this.#pool.stop('SIGTERM');
    this.#topUp();
  }

  #tellProgress(): void {
    const { plan, onEvent, workers } = this.#options;
    const isMissing = (cellId: string): boolean => this.#state.isMissing(cellId);
    const { seconds: etaSeconds } = estimate(plan, this.#state.measured, isMissing, { workers, advances: this.#pace.advances });
    onEvent({ kind: 'progress', counts: this.#state.counts(new Set(this.#held.values())), etaSeconds });
  }
}
