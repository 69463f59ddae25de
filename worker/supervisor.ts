/**
 * The supervisor: pulls a task, has the compute process run it, commits through StoreTaskIo, acknowledges, and pulls again.
 *
 * An attempt is running → done (ack) | given back (nak: the worker stops) | failed: retried (nak with back-off) or parked (ack) | stuck
 * (term: the store needs repair). The store decides; the queue is updated afterwards.
 */
import { randomBytes } from 'node:crypto';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { Task, TaskRecord } from '@ncsweep/protocol/messages';
import { type ObjectStore, StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import { unpackTask } from '@ncsweep/protocol/store/large-task';
import { backoffMs, budgetSpent, failedAttempts, openCell, park } from '@ncsweep/protocol/store/parking';
import { type Delivery, heartbeatMs, type StreamEvent, type WorkerStream } from '@ncsweep/protocol/stream/stream';
import { OlderProgramError, staleness } from './accept-task.ts';
import { type AttemptVerdict, judgeAttempt } from './attempt-end.ts';
import { type ComputeProcess, DeviceUnusableError } from './compute-process.ts';
import type { WorkerConfig } from './config.ts';
import type { DecodedDatasets } from './data/decoded-datasets.ts';
import type { DiskCache } from './disk-cache.ts';
import { LogTail } from './log-tail.ts';
import { runPlannedTask } from './planned-task.ts';
import { type Attempt, StoreTaskIo } from './store-task-io.ts';
import { ulid } from './ulid.ts';

/** Exit codes of a worker: they describe the process, never a task (docs/contracts.md "Exit codes"). */
export const workerExit = { drained: 0, unexpected: 1, device: 70, disruption: 75, protocol: 76, configuration: 78 } as const;

/** Delay before a task left to other pods is delivered again, ms. */
const leftToOthersMs = 5_000;

type Distribute<T> = T extends unknown ? Omit<T, 'v' | 'seq' | 'taskId' | 'attemptId' | 'atMs'> : never;
type RecordBody = Distribute<TaskRecord>;

export class Supervisor {
  readonly #config: WorkerConfig;
  readonly #store: ObjectStore;
  readonly #stream: WorkerStream;
  readonly #compute: ComputeProcess;
  readonly #cache: DiskCache | undefined;
  readonly #datasets: DecodedDatasets;
  readonly #stop: AbortSignal;

  constructor(
    config: WorkerConfig,
    ports: {
      readonly store: ObjectStore;
      readonly stream: WorkerStream;
      readonly compute: ComputeProcess;
      readonly cache: DiskCache | undefined;
      readonly datasets: DecodedDatasets;
    },
    stop: AbortSignal,
  ) {
    this.#config = config;
    this.#store = ports.store;
    this.#stream = ports.stream;
    this.#compute = ports.compute;
    this.#cache = ports.cache;
    this.#datasets = ports.datasets;
    this.#stop = stop;
  }

  /** Runs tasks until there are none or `stop` is aborted. @returns the exit code. @throws StoreUnavailableError, DeviceUnusableError, OlderProgramError */
  async run(): Promise<number> {
    const { worker, backend } = this.#config;
    const { device } = await this.#compute.start();
    await this.#stream.event({ v: 1, kind: 'worker-up', worker, atMs: Date.now(), pid: process.pid, backend, device });
    for (let delivery = await this.#pull(); delivery; delivery = await this.#pull()) await this.#attempt(delivery);
    return this.#stop.aborted ? workerExit.disruption : workerExit.drained;
  }

  /** Also undefined when the worker is stopped. */
  async #pull(): Promise<Delivery | undefined> {
    try {
      return await this.#stream.pull(this.#stop);
    } catch (error) {
      if (this.#stop.aborted) return undefined;
      throw error;
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const task = await unpackTask(this.#store, delivery.task);
    if (task === undefined) return delivery.term('the task that the message names is not in the store');
    if (await this.#refusesScience(delivery, task)) return;
    if (await this.#leavesToLarger(delivery, task)) return;
    const attempt = await this.#newAttempt(task);
    const log = new LogTail();
    const record = this.#recorder(attempt);
    const io = this.#io(attempt, record, log);
    record({ kind: 'attempt', cellId: io.currentCell, state: 'started' });
    const beat = setInterval(() => void delivery.working(), heartbeatMs);
    let timedOut = false;
    const late = new AbortController();
    const deadline = setTimeout(() => {
      timedOut = true;
      late.abort();
      this.#compute.kill();
    }, task.deadlineMs);
    const endGrace = this.#killAfterGrace();
    try {
      const runners = { compute: this.#compute, datasets: this.#datasets, arrays: this.#config.arrays, late: late.signal };
      await runPlannedTask(task, io, runners);
      await io.finish();
      await delivery.ack();
    } catch (thrown) {
      await io.settle();
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      for (const each of [io.trouble, error]) {
        if (each instanceof StoreUnavailableError || each instanceof DeviceUnusableError) throw each;
        if (each instanceof OlderProgramError) {
          await delivery.nak(leftToOthersMs);
          throw each;
        }
      }
      const { trouble, currentCell } = io;
      const facts = { error, trouble, stopping: this.#stop.aborted, timedOut, deadlineMs: task.deadlineMs, currentCell };
      log.add(this.#compute.output.text());
      await this.#end(delivery, attempt, judgeAttempt(facts), { log, record });
    } finally {
      clearInterval(beat);
      clearTimeout(deadline);
      endGrace();
      this.#cache?.release();
      this.#datasets.release();
    }
  }

  /** @throws OlderProgramError when the task waits for a worker of a newer version */
  async #refusesScience(delivery: Delivery, task: Task): Promise<boolean> {
    try {
      const message = staleness(task);
      if (message === undefined) return false;
      const ended = { kind: 'attempt-ended', outcome: 'stuck', class: 'infrastructure', message } as const;
      const { taskId, cells } = task;
      const at = { v: 1, worker: this.#config.worker, atMs: Date.now(), taskId, cellId: cells[0]!.cellId } as const;
      await this.#stream.event({ ...at, ...ended, attemptId: ulid(at.atMs, randomBytes(10)) });
      await delivery.term(message);
      return true;
    } catch (error) {
      if (error instanceof OlderProgramError) await delivery.nak(leftToOthersMs);
      throw error;
    }
  }

  /** A task that ran out of memory is left to pods that have more memory than those in which it failed. */
  async #leavesToLarger(delivery: Delivery, task: Task): Promise<boolean> {
    const { pool } = this.#config;
    if (pool === undefined || delivery.deliveries === 1) return false;
    const cellId = await openCell(this.#store, task);
    if (cellId === undefined) return false;
    const { outOfMemory = 0 } = await failedAttempts(this.#store, cellId);
    if (outOfMemory <= pool.memoryStep) return false;
    await this.#askForMemory(delivery, cellId, outOfMemory);
    await delivery.nak(leftToOthersMs);
    return true;
  }

  #askForMemory({ task: { taskId } }: Delivery, cellId: string, step: number): Promise<void> {
    const { worker } = this.#config;
    return this.#stream.event({ v: 1, kind: 'needs-memory', worker, atMs: Date.now(), taskId, cellId, step });
  }

  async #newAttempt(task: Task): Promise<Attempt> {
    const { worker, node, podUid, buildId } = this.#config;
    const { versions, device, threads } = await this.#compute.start();
    const facts = { versions, device, threads };
    const startedAt = Date.now();
    const attemptId = ulid(startedAt, randomBytes(10));
    return { attemptId, task, worker, node, podUid, buildId, startedAt, expiresAt: startedAt + task.deadlineMs, facts };
  }

  #io(attempt: Attempt, record: (body: RecordBody) => void, log: LogTail): StoreTaskIo {
    const listener = {
      committed: (cellId: string, verdict: string, computeMs: number): void => {
        if (verdict === 'conflict')
          log.add(`cell ${cellId}: another attempt committed other numbers; see conflicts/ in the store`);
        record({ kind: 'attempt', cellId, state: verdict === 'committed' ? 'committed' : 'duplicate' });
        void this.#stream.event(this.#event(attempt, { kind: 'committed', cellId, computeMs }));
      },
      resumed: (cellId: string, step: number): void =>
        record({ kind: 'attempt', cellId, state: 'resumed', text: `step ${step}` }),
      progress: (cellId: string, { values, ...rest }: { values: Readonly<Record<string, number>> }): void =>
        record({ kind: 'progress', cellId, values: { ...values }, ...rest }),
      log: (cellId: string, level: 'info' | 'warn', text: string): void => {
        log.add(text);
        record({ kind: 'log', cellId, level, text });
      },
    };
    return new StoreTaskIo(this.#store, attempt, listener, { signal: this.#stop, now: Date.now, cache: this.#cache });
  }

  /** Writes the attempt's end, decides between retry and parking from the count in the store, then updates the queue. */
  async #end(
    delivery: Delivery,
    attempt: Attempt,
    verdict: AttemptVerdict,
    { log, record }: { log: LogTail; record: (body: RecordBody) => void },
  ): Promise<void> {
    const { outcome, cellId, message, class: failureClass, atStep } = verdict;
    const step = atStep === undefined ? {} : { atStep };
    const stored = outcome === 'given-back' ? 'given-back' : 'failed';
    const end = { v: 1, outcome: stored, class: failureClass, message, ...step };
    await this.#store.put(keys.end(cellId, attempt.attemptId), encodeJson(end));
    const tell = (ended: 'given-back' | 'retry' | 'parked' | 'stuck'): Promise<void> => {
      record({ kind: 'attempt', cellId, state: ended === 'parked' || ended === 'given-back' ? ended : 'failed', text: message });
      return this.#stream.event(
        this.#event(attempt, { kind: 'attempt-ended', cellId, outcome: ended, class: failureClass, message }),
      );
    };
    if (outcome === 'given-back') {
      await tell('given-back');
      return delivery.nak(0);
    }
    if (outcome === 'stuck') {
      await tell('stuck');
      return delivery.term(message);
    }
    const attempts = await failedAttempts(this.#store, cellId);
    const failed = attempts[failureClass] ?? 1;
    if (!budgetSpent(failureClass, failed, attempt.task.retries)) {
      await tell('retry');
      if (failureClass === 'outOfMemory') await this.#askForMemory(delivery, cellId, failed);
      return delivery.nak(backoffMs(failed));
    }
    const counted = { v: 1, cellId, attemptId: attempt.attemptId, class: failureClass, message, attempts } as const;
    await park(this.#store, { ...counted, ...step, logTail: log.text(), atMs: Date.now() });
    await tell('parked');
    return delivery.ack();
  }

  #recorder({ attemptId, task, worker }: Attempt): (body: RecordBody) => void {
    let seq = 0;
    return (body) => {
      seq += 1;
      this.#stream.record({ v: 1, seq, taskId: task.taskId, attemptId, worker, atMs: Date.now(), ...body });
    };
  }

  #event<T extends { kind: 'committed' | 'attempt-ended'; cellId: string }>({ attemptId, task }: Attempt, body: T) {
    const { worker } = this.#config;
    return { v: 1, worker, atMs: Date.now(), taskId: task.taskId, attemptId, ...body } as const satisfies Partial<StreamEvent>;
  }

  #killAfterGrace(): () => void {
    let timer: NodeJS.Timeout | undefined;
    const begin = (): void => {
      timer = setTimeout(() => this.#compute.kill(), this.#config.stopGraceMs);
    };
    if (this.#stop.aborted) begin();
    this.#stop.addEventListener('abort', begin, { once: true });
    return () => {
      this.#stop.removeEventListener('abort', begin);
      clearTimeout(timer);
    };
  }
}
