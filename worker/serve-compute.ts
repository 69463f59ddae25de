/**
 * The compute process: runs one task after another for its supervisor and reaches store and stream only through it. It ends with its
 * supervisor: at once when the channel closes, or from a watching thread while a kernel blocks the event loop.
 */
import { flushCompileCache } from 'node:module';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import type { Task } from '@ncsweep/protocol/messages';
import type { FromCompute, IoCall, IoCalls, ToCompute } from './compute-messages.ts';
import { fromPlainError, toPlainError } from './plain-error.ts';
import type { ComputeFacts } from './store-task-io.ts';
import type { TaskIo } from './task-io.ts';

export interface Compute {
  readonly facts: ComputeFacts;
  run(task: Task, io: TaskIo): Promise<void>;
}

/** @param open is called once; if it fails, the device is unusable here */
export async function serveCompute(open: () => Promise<Compute>): Promise<void> {
  endWithSupervisor();
  const calls = new PendingCalls();
  let compute: Compute;
  try {
    compute = await open();
  } catch (error) {
    send({ kind: 'unusable', error: toPlainError(error) });
    return;
  }
  let abort = new AbortController();
  process.on('message', (message: ToCompute) => {
    switch (message.kind) {
      case 'run':
        abort = new AbortController();
        void compute.run(message.task, proxyIo(calls, abort.signal)).then(
          () => send({ kind: 'done' }),
          (error: unknown) => send({ kind: 'failed', error: toPlainError(error) }),
        );
        return;
      case 'abort':
        abort.abort();
        return;
      case 'answer':
        calls.settle(message.id, (call) => call.resolve(message.value));
        return;
      case 'refusal':
        calls.settle(message.id, (call) => call.reject(fromPlainError(message.error)));
        return;
      default:
        message satisfies never;
    }
  });
  send({ kind: 'ready', facts: compute.facts });
  flushCompileCache(); // this process ends by being killed, not by exiting
}

function proxyIo(calls: PendingCalls, signal: AbortSignal): TaskIo {
  return {
    signal,
    isSettled: (...args) => calls.call({ method: 'isSettled', args }),
    readArtifact: (...args) => calls.call({ method: 'readArtifact', args }),
    sourcePath: (...args) => calls.call({ method: 'sourcePath', args }),
    latestCheckpoint: (...args) => calls.call({ method: 'latestCheckpoint', args }),
    saveCheckpoint: (...args) => calls.call({ method: 'saveCheckpoint', args }),
    commit: (...args) => calls.call({ method: 'commit', args }),
    progress: (cellId, progress) => send({ kind: 'progress', cellId, progress }),
    log: (cellId, level, text) => send({ kind: 'log', cellId, level, text }),
    now: Date.now,
  };
}

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

class PendingCalls {
  readonly #pending = new Map<number, PendingCall>();
  #next = 1;

  call<Method extends keyof IoCalls>(call: IoCall & { method: Method }): Promise<IoCalls[Method]['value']> {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#pending.set(id, { resolve: (value) => resolve(value as IoCalls[Method]['value']), reject });
      send({ kind: 'call', id, call });
    });
  }

  settle(id: number, how: (call: PendingCall) => void): void {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (call) how(call);
  }
}

const send = (message: FromCompute): void => void process.send?.(message);

function endWithSupervisor(): void {
  // The supervisor decides what a signal means; a terminal sends Ctrl-C to every process.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit(0));
  new Worker(new URL(import.meta.resolve('@ncsweep/worker/orphan-watch')), { workerData: process.ppid }).unref();
}
