/**
 * The supervisor's handle on its compute process, which is started when first needed, kept across tasks, and replaced when it dies.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Task } from '@ncsweep/protocol/messages';
import { classifyProcessEnd, describeProcessEnd } from './classify-failure.ts';
import type { FromCompute, IoCall, ToCompute } from './compute-messages.ts';
import { LogTail } from './log-tail.ts';
import { fromPlainError, toPlainError } from './plain-error.ts';
import type { ComputeFacts, StoreTaskIo } from './store-task-io.ts';
import { TaskFailure } from './task-io.ts';

/** Thrown when the backend cannot be opened on this machine; it may work on others. */
export class DeviceUnusableError extends Error {
  override readonly name = 'DeviceUnusableError';
}

interface Running {
  readonly child: ChildProcess;
  readonly facts: ComputeFacts;
}

export class ComputeProcess {
  readonly #program: string;
  /** The process's last lines of output. */
  readonly output = new LogTail();
  #running: Running | undefined;

  /** @param program path of a module that calls `serveCompute` */
  constructor(program: string) {
    this.#program = program;
  }

  /** Starts the process unless it is running. @throws DeviceUnusableError */
  async start(): Promise<ComputeFacts> {
    if (this.#running && this.#running.child.exitCode === null && this.#running.child.signalCode === null)
      return this.#running.facts;
    const child = fork(this.#program, [], { serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    child.stdout?.on('data', (data: Buffer) => this.output.add(data.toString()));
    child.stderr?.on('data', (data: Buffer) => this.output.add(data.toString()));
    const facts = await new Promise<ComputeFacts>((resolve, reject) => {
      child.once('message', (message: FromCompute) => {
        if (message.kind === 'ready') resolve(message.facts);
        if (message.kind === 'unusable')
          reject(new DeviceUnusableError(message.error.message, { cause: fromPlainError(message.error) }));
      });
      child.once('close', (code, signal) =>
        reject(new DeviceUnusableError(`the compute process ended while it started (${signal ?? code})\n${this.output.text()}`)),
      );
      child.once('error', reject);
    });
    this.#running = { child, facts };
    return facts;
  }

  /** Runs one task. @throws TaskFailure, or the error that the task threw; if the process dies, a TaskFailure of the current cell */
  async run(task: Task, io: StoreTaskIo): Promise<void> {
    await this.start();
    const { child } = this.#running!;
    const oomKills = readOomKills();
    const send = (message: ToCompute): void => {
      if (child.connected) child.send(message);
    };
    const abort = (): void => send({ kind: 'abort' });
    try {
      await new Promise<void>((resolve, reject) => {
        child.on('message', (message: FromCompute) => {
          if (message.kind === 'done') resolve();
          else if (message.kind === 'failed') reject(fromPlainError(message.error));
          else handle(message, io, send);
        });
        child.once('close', (exitCode, signal) => {
          const end = { exitCode, signal, output: this.output.text(), oomKillerRan: readOomKills() > oomKills };
          reject(new TaskFailure(classifyProcessEnd(end), io.currentCell, describeProcessEnd(end)));
        });
        io.signal.addEventListener('abort', abort, { once: true });
        send({ kind: 'run', task });
        if (io.signal.aborted) abort();
      });
    } finally {
      io.signal.removeEventListener('abort', abort);
      child.removeAllListeners('message');
      child.removeAllListeners('close');
    }
  }

  /** Ends the process at once. */
  kill(): void {
    this.#running?.child.kill('SIGKILL');
    this.#running = undefined;
  }
}

function handle(message: FromCompute, io: StoreTaskIo, send: (message: ToCompute) => void): void {
  switch (message.kind) {
    case 'call':
      void answer(message.call, io).then(
        (value) => send({ kind: 'answer', id: message.id, value }),
        (error: unknown) => {
          if (error instanceof Error && !(error instanceof TaskFailure)) io.trouble ??= error;
          send({ kind: 'refusal', id: message.id, error: toPlainError(error) });
        },
      );
      return;
    case 'progress':
      io.progress(message.cellId, message.progress);
      return;
    case 'log':
      io.log(message.cellId, message.level, message.text);
      return;
    case 'ready':
    case 'unusable':
    case 'done':
    case 'failed':
      return;
    default:
      message satisfies never;
  }
}

function answer(call: IoCall, io: StoreTaskIo): Promise<unknown> {
  switch (call.method) {
    case 'isSettled':
      return io.isSettled(...call.args);
    case 'readArtifact':
      return io.readArtifact(...call.args);
    case 'sourcePath':
      return io.sourcePath(...call.args);
    case 'latestCheckpoint':
      return io.latestCheckpoint(...call.args);
    case 'saveCheckpoint':
      return io.saveCheckpoint(...call.args);
    case 'commit':
      return io.commit(...call.args);
    default:
      return call satisfies never;
  }
}

/** How often the kernel's out-of-memory killer ran on this machine; 0 where that is not reported. */
function readOomKills(): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
