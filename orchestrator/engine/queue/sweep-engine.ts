/**
 * Keeps the queue of one sweep filled and knows its progress. The store decides what is done; events only make that known sooner.
 * Whatever the queue has lost is put in again, since putting in a task that is already there changes nothing.
 *
 * A cell is wanted → queued (its task is in the work queue) → done | parked | stuck. All of it can be rebuilt from the store.
 */
import { keys } from '@ncsweep/protocol/keys';
import type { Task, TaskMessage } from '@ncsweep/protocol/messages';
import { dropTask, packTask } from '@ncsweep/protocol/store/large-task';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import { forEachBounded } from '../bounded.ts';
import { lookAtCell } from '../store/look-at-cell.ts';
import { timesState } from '../store/store-state.ts';
import { type Counts, RunState } from '../state/run-state.ts';
import { estimate } from '../../planning/plan/estimate.ts';
import type { RunnablePlan } from '../../planning/plan/plan.ts';
import type { TaskHolders } from './task-holders.ts';
import { endLostAttempt, type PodEnd } from './lost-attempt.ts';

/** What the engine needs from the stream. */
export interface TaskQueue {
  /** @returns false when the task is already queued */
  enqueue(sweep: string, message: TaskMessage): Promise<boolean>;
}

export interface EngineOptions {
  /** Identifies the sweep in queue and store. */
  readonly uid: string;
  readonly plan: RunnablePlan;
  readonly store: ObjectStore;
  readonly queue: TaskQueue;
  /** Shared with the other sweeps. */
  readonly holders: TaskHolders;
  readonly now: () => number;
  /** Cells that the store had before the sweep first ran, as its status says since then. Default: all that it has now. */
  readonly cachedBefore?: number | undefined;
  /** Called when tasks were lent to this sweep, with the uid of the lender. */
  readonly onBorrow?: (from: string, tasks: number) => void;
  /** Maximum number of tasks checked in one pass; default 1000. */
  readonly checksAPass?: number;
}

interface Queued {
  readonly task: Task;
  /** The task is in the queue for this sweep; otherwise it is in the queue of another one that wants it too. */
  isMine: boolean;
  /** The message that was put in. */
  message?: TaskMessage;
  /** How often the task ran out of memory. */
  memoryStep: number;
  /** When the task was last put in, and its cells last looked up. */
  checkedMs: number;
}

/** How often queued cells are looked up in the store, and their tasks put in again. */
const checkEveryMs = 20_000;
const concurrency = 16;
/** Checking a window of thousands of tasks would take minutes of store time, while other sweeps wait for the pass to end. */
const defaultChecksAPass = 1000;
/** How often the time left is re-estimated, which looks at every cell. */
const estimateEveryMs = 10_000;
/** Active workers may hold no task at the moment of a pass. */
const idleAfterMs = 10_000;
/** Limit on tasks of other sweeps that are tracked beside the sweep's own, in windows. */
const mostForeignWindows = 3;

export interface EngineStatus {
  readonly counts: Counts;
  /** Number of result rows whose cells are done. */
  readonly trialsDone: number;
  /** A worker holds a task or finished one recently. */
  readonly active: boolean;
  /** At most 10 s old; undefined until a cell has a result, which shows how fast its workers are. */
  readonly etaSeconds: number | undefined;
  readonly parked: ReadonlyMap<string, string>;
  readonly stuck: ReadonlyMap<string, string>;
  /** Tasks in the queue by class, which determine the size of pools. */
  readonly queued: Readonly<Record<Task['class'], number>>;
  /** How many memory increases the queued tasks of a class require of their pods. */
  readonly memorySteps: Readonly<Record<Task['class'], number>>;
  /** Number of tasks that other sweeps hold, by the sweep's uid. */
  readonly heldBy: ReadonlyMap<string, number>;
  /** Nothing is queued, and nothing can be. */
  readonly finished: boolean;
}

export class SweepEngine {
  readonly #options: EngineOptions;
  readonly #state: RunState;
  readonly #queued = new Map<string, Queued>();
  /** Pods whose end has been judged. */
  readonly #judgedPods = new Set<string>();
  /** Tasks that a worker holds. */
  #running: ReadonlySet<string> = new Set();
  #activeMs = -Infinity;
  #estimated = { seconds: 0, atMs: -Infinity };

  private constructor(options: EngineOptions, state: RunState) {
    this.#options = options;
    this.#state = state;
  }

  /** Reads what the store has, and removes results made from inputs that are no longer current. */
  static async open(options: EngineOptions, signal?: AbortSignal): Promise<SweepEngine> {
    const found = await timesState(options.plan, options.store, signal === undefined ? {} : { signal });
    for (const cellId of found.stale) await options.store.delete(keys.result(cellId));
    return new SweepEngine(options, new RunState(options.plan, { ...found, cached: options.cachedBefore }));
  }

  /** Takes an event from a worker. @returns whether it concerns this sweep's cells or tasks */
  see(event: StreamEvent): boolean {
    this.#state.see(event);
    switch (event.kind) {
      case 'committed':
        if (!this.#options.plan.cells.has(event.cellId)) return false;
        this.#activeMs = this.#options.now();
        return true;
      case 'attempt-ended':
        return this.#options.plan.cells.has(event.cellId);
      case 'needs-memory':
        return this.#needsMemory(event.taskId, event.step);
      case 'worker-up':
      case 'worker-drained':
        return false;
      default:
        return event satisfies never;
    }
  }

  isDone(cellId: string): boolean {
    return this.#state.measured.has(cellId);
  }

  /** @param taskIds of this sweep that workers hold */
  seeRunning(taskIds: ReadonlySet<string>): void {
    this.#running = taskIds;
    if (taskIds.size === 0) return;
    this.#activeMs = this.#options.now();
    this.#options.holders.alive(this.#options.uid);
  }

  /** @param ends of pods of this sweep; those already seen change nothing */
  async seePodEnds(ends: readonly PodEnd[]): Promise<void> {
    const { store, plan, now } = this.#options;
    for (const end of ends.filter(({ podUid }) => !this.#judgedPods.has(podUid))) {
      const tasks = [...this.#queued.values()].flatMap(({ task, isMine }) => (isMine ? [task] : []));
      const lost = await endLostAttempt(store, tasks, end, { retries: plan.sweep.execution.retries, nowMs: now() });
      this.#judgedPods.add(end.podUid);
      if (lost?.parked === true) this.#state.park(lost.cellId, end.class, end.message);
      else if (lost !== undefined && end.class === 'outOfMemory') this.#needsMemory(lost.taskId, lost.failed);
    }
  }

  /** @returns whether the task is in the queue */
  #needsMemory(taskId: string, step: number): boolean {
    const queued = this.#queued.get(taskId);
    if (queued !== undefined) queued.memoryStep = Math.max(queued.memoryStep, step);
    return queued !== undefined;
  }

  /** Call it when the queue was lost: the next pass puts everything in again. */
  forgetQueue(): void {
    for (const queued of this.#queued.values()) queued.checkedMs = -Infinity;
  }

  /**
   * Looks up queued cells in the store, releases settled tasks, and queues what is ready.
   * @param window maximum number of tasks queued at once
   * @throws the signal's reason, when it is aborted: the next pass continues from there
   */
  async pass(window: number, signal?: AbortSignal): Promise<void> {
    const { now, store, queue, uid, holders } = this.#options;
    const due = this.#due();
    await forEachBounded(due, concurrency, async (queued) => {
      signal?.throwIfAborted();
      for (const { cellId } of queued.task.cells) if (this.#state.isMissing(cellId)) await lookAtCell(store, cellId, this.#state);
    });
    for (const [taskId, { task, message }] of this.#queued) {
      if (!this.#state.isSettled(task)) continue;
      if (message !== undefined) await dropTask(store, message);
      this.#queued.delete(taskId);
      this.#state.dequeue(task);
      holders.release(this.#keyOf(task), uid);
    }
    // The sweep waits for the results of tasks that it has lent.
    for (const queued of this.#queued.values()) queued.isMine &&= (holders.holderOf(this.#keyOf(queued.task)) ?? uid) === uid;
    this.#topUp(window);
    const inherited = this.#inherit();
    const again = due.filter(({ task, isMine }) => isMine && this.#queued.has(task.taskId));
    await forEachBounded([...again, ...inherited], concurrency, async (queued) => {
      signal?.throwIfAborted();
      queued.isMine = true;
      queued.checkedMs = -Infinity; // until the task is known to be queued
      const { retries } = this.#options.plan.sweep.execution;
      queued.message = await packTask(store, uid, { ...queued.task, retries });
      await queue.enqueue(uid, queued.message);
      queued.checkedMs = now();
    });
    for (const queued of due) if (!queued.isMine) queued.checkedMs = now();
  }

  /** Takes over tasks that nobody holds, and those that their holders lend. @returns the newly held tasks */
  #inherit(): Queued[] {
    const { holders, uid, onBorrow } = this.#options;
    const borrowed = new Map<string, number>();
    const inherited: Queued[] = [];
    for (const queued of this.#queued.values()) {
      if (queued.isMine) continue;
      const key = this.#keyOf(queued.task);
      const before = holders.holderOf(key);
      if (!holders.hold(key, uid)) continue;
      inherited.push(queued);
      if (before !== undefined && before !== uid) borrowed.set(before, (borrowed.get(before) ?? 0) + 1);
    }
    for (const [from, tasks] of borrowed) onBorrow?.(from, tasks);
    return inherited;
  }

  /** Queued tasks that are due for a check, the least recently checked first. */
  #due(): Queued[] {
    const { now, checksAPass = defaultChecksAPass } = this.#options;
    const due = [...this.#queued.values()].filter(({ checkedMs }) => now() - checkedMs >= checkEveryMs);
    if (due.length <= checksAPass) return due;
    return due.sort((a, b) => (a.checkedMs < b.checkedMs ? -1 : Number(a.checkedMs > b.checkedMs))).slice(0, checksAPass);
  }

  /** Takes up ready tasks, for the queue of whichever sweep holds them. */
  #topUp(window: number): void {
    const mine = [...this.#queued.values()].filter(({ isMine }) => isMine).length;
    const room = Math.min(window - mine, (1 + mostForeignWindows) * window - this.#queued.size);
    for (const task of this.#state.ready(room)) {
      this.#state.enqueue(task);
      this.#queued.set(task.taskId, { task, isMine: false, memoryStep: 0, checkedMs: this.#options.now() });
    }
  }

  /** Includes the store: stores share no results, so holding a task in one says nothing about another. */
  readonly #keyOf = ({ taskId }: Task): string => `${this.#options.store.location} ${taskId}`;

  status(): EngineStatus {
    const queued = { train: 0, evaluate: 0 };
    const memorySteps = { train: 0, evaluate: 0 };
    const heldBy = new Map<string, number>();
    for (const { task, isMine, memoryStep } of this.#queued.values()) {
      if (!isMine) {
        const holder = this.#options.holders.holderOf(this.#keyOf(task));
        if (holder !== undefined) heldBy.set(holder, (heldBy.get(holder) ?? 0) + 1);
        continue;
      }
      queued[task.class] += 1;
      memorySteps[task.class] = Math.max(memorySteps[task.class], memoryStep);
    }
    return {
      counts: this.#state.counts(this.#running),
      trialsDone: this.#state.trialsDone,
      active: this.#options.now() - this.#activeMs < idleAfterMs,
      etaSeconds: this.#etaSeconds(),
      queued,
      parked: this.#state.parked,
      stuck: this.#state.stuck,
      memorySteps,
      heldBy,
      finished: this.#queued.size === 0 && this.#state.ready(1).length === 0,
    };
  }

  #etaSeconds(): number | undefined {
    const { plan, now } = this.#options;
    if (this.#state.measured.size === 0) return undefined;
    if (now() - this.#estimated.atMs < estimateEveryMs) return this.#estimated.seconds;
    const { seconds } = estimate(plan, this.#state.measured, (cellId) => this.#state.isMissing(cellId));
    this.#estimated = { seconds, atMs: now() };
    return seconds;
  }
}
