/**
 * What a run knows about its cells, both on a laptop and on a cluster. `see` takes in what workers say; `commit`, `park` and
 * `stick` take in what the store says. The next run rebuilds all of it from the store.
 *
 * States of a cell:
 *   wanted   it has no result, and its task is not in the queue
 *   queued   its task is in the queue, or a worker holds it
 *   done     it has a result
 *   parked   it has failed for good, unless somebody retries it
 *   stuck    something that it needs from the store is damaged; this run leaves it alone
 * Transitions: wanted → queued (enqueue) → wanted (dequeue); wanted | queued → done (commit) | parked (park) | stuck (stick);
 * parked | stuck → done (commit: another run computed it).
 */
import type { Task } from '@ncsweep/protocol/messages';
import type { FailureClass } from '@ncsweep/protocol/result';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { Measured } from '../../planning/plan/estimate.ts';
import type { RunnablePlan } from '../../planning/plan/plan.ts';
import { blockedCells } from '../../planning/plan/state.ts';
import { ReadyIndex } from './ready-index.ts';

export interface Counts {
  readonly total: number;
  /** Cells in the store before the run. */
  readonly cached: number;
  /** Cells committed during the run. */
  readonly done: number;
  readonly running: number;
  readonly waiting: number;
  readonly parked: number;
  readonly blocked: number;
}

/** The state in which the run begins, as found by `storeState`. */
export interface InitialState {
  readonly done: Measured;
  readonly parked: ReadonlyMap<string, string>;
  /** How many of the done cells were there before the run first began; default: all. */
  readonly cached?: number | undefined;
}

export class RunState {
  readonly #plan: RunnablePlan;
  readonly #cached: number;
  readonly #done: Map<string, { readonly value: { readonly times: { startMs: number; endMs: number; computeMs: number } } }>;
  readonly #parked: Map<string, string>;
  readonly #stuck = new Map<string, string>();
  /** Parked and stuck cells. */
  readonly #failed: Map<string, string>;
  /** Cells of queued tasks. */
  readonly #queued = new Set<string>();
  readonly #tasks = new Map<string, Task>();
  readonly #ready: ReadyIndex;
  #trialsDone = 0;
  /** Computed after the last change; undefined: must be computed again. */
  #blockedNow: ReadonlyMap<string, string> | undefined;

  constructor(plan: RunnablePlan, { done, parked, cached = Infinity }: InitialState) {
    this.#plan = plan;
    // Only the times are needed here, and there may be a hundred thousand results.
    this.#done = new Map([...done].map(([cellId, { value }]) => [cellId, { value: { times: value.times } }]));
    this.#parked = new Map(parked);
    this.#failed = new Map(parked);
    this.#cached = Math.min(cached, this.#done.size);
    for (const cellId of done.keys()) this.#trialsDone += plan.rowsOf.get(cellId) ?? 0;
    this.#ready = new ReadyIndex(plan, { done: this.#done, parked: this.#failed, queued: this.#queued });
  }

  get stuck(): ReadonlyMap<string, string> {
    return this.#stuck;
  }

  get measured(): Measured {
    return this.#done;
  }

  /** Number of result rows whose cells are done. */
  get trialsDone(): number {
    return this.#trialsDone;
  }

  /** Tasks that can run now and are not queued. */
  ready(limit: number): Task[] {
    return limit > 0 ? this.#ready.tasks(limit) : [];
  }

  /** Records that the task is put into the queue. */
  enqueue(task: Task): void {
    this.#tasks.set(task.taskId, task);
    for (const { cellId } of task.cells) {
      this.#queued.add(cellId);
      this.#ready.touch(cellId);
    }
  }

  /** Records that the task left the queue. @returns its cells that are not known to be done or parked */
  dequeue(task: Task): string[] {
    this.#tasks.delete(task.taskId);
    for (const { cellId } of task.cells) {
      this.#queued.delete(cellId);
      this.#ready.touch(cellId);
    }
    return task.cells.map(({ cellId }) => cellId).filter((cellId) => this.isMissing(cellId));
  }

  /** Whether no cell of the task is left to compute: each is done, parked or stuck, or waits for one that is parked or stuck. */
  isSettled(task: Task): boolean {
    const missing = task.cells.filter(({ cellId }) => this.isMissing(cellId));
    if (missing.length === 0) return true;
    const blocked = this.#blocked();
    return missing.every(({ cellId }) => blocked.has(cellId));
  }

  /**
   * Needed for every queued task, and looks at every cell of the plan: so it is computed once after a change, and only if a cell
   * has failed.
   */
  #blocked(): ReadonlyMap<string, string> {
    this.#blockedNow ??=
      this.#failed.size === 0 ? new Map() : blockedCells(this.#plan, { done: this.#done, parked: this.#failed });
    return this.#blockedNow;
  }

  /** Takes an event from a worker. Events that change no cell are ignored here. */
  see(event: StreamEvent): void {
    switch (event.kind) {
      case 'committed':
        this.commit(event.cellId, { startMs: event.atMs, endMs: event.atMs, computeMs: event.computeMs });
        return;
      case 'attempt-ended':
        if (event.outcome === 'parked') this.park(event.cellId, event.class, event.message);
        if (event.outcome === 'stuck') this.stick(event.cellId, event.message);
        return;
      case 'needs-memory':
      case 'worker-up':
      case 'worker-drained':
        return;
      default:
        event satisfies never;
    }
  }

  isMissing(cellId: string): boolean {
    return !this.#done.has(cellId) && !this.#parked.has(cellId) && !this.#stuck.has(cellId);
  }

  commit(cellId: string, times: { startMs: number; endMs: number; computeMs: number }): void {
    if (!this.#plan.cells.has(cellId)) return;
    if (!this.#done.has(cellId)) this.#trialsDone += this.#plan.rowsOf.get(cellId) ?? 0;
    this.#done.set(cellId, { value: { times } });
    this.#changed(cellId);
  }

  park(cellId: string, failureClass: FailureClass, message: string): void {
    if (!this.#isWanted(cellId)) return;
    this.#parked.set(cellId, `${failureClass}: ${message}`);
    this.#hold(cellId, message);
  }

  stick(cellId: string, message: string): void {
    if (!this.#isWanted(cellId)) return;
    this.#stuck.set(cellId, message);
    this.#hold(cellId, message);
  }

  #hold(cellId: string, message: string): void {
    this.#failed.set(cellId, message);
    this.#changed(cellId);
  }

  #changed(cellId: string): void {
    this.#blockedNow = undefined;
    this.#ready.touch(cellId);
  }

  #isWanted(cellId: string): boolean {
    return this.#plan.cells.has(cellId) && !this.#done.has(cellId);
  }

  /** Parked cells, with failure class and message. */
  get parked(): ReadonlyMap<string, string> {
    return this.#parked;
  }

  /** @param runningTasks tasks that a worker holds; each computes one cell at a time */
  counts(runningTasks: ReadonlySet<string>): Counts {
    const isUnfinished = (taskId: string): boolean =>
      this.#tasks.get(taskId)?.cells.some(({ cellId }) => this.isMissing(cellId)) ?? false;
    const running = [...runningTasks].filter(isUnfinished).length;
    const blocked = this.#blocked().size;
    const [total, finished] = [this.#plan.cells.size, this.#done.size];
    const parked = this.#parked.size;
    const waiting = total - finished - parked - this.#stuck.size - blocked - running;
    return { total, cached: this.#cached, done: finished - this.#cached, running, waiting, parked, blocked };
  }
}
