/**
 * The supervisor's handle on its compute program, which is started when first needed, kept across tasks, and replaced when it dies.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { ChildProgram, type ProgramEnd } from '@ncsweep/protocol/compute/child-program';
import { computeProtocol, type FromProgram, type Ready } from '@ncsweep/protocol/compute/messages';
import type { NamedBytes } from '@ncsweep/protocol/compute/link';
import type { TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { classifyProcessEnd, describeProcessEnd } from './classify-failure.ts';
import { answerCall } from './answer-call.ts';
import { LogTail } from './log-tail.ts';
import type { StoreTaskIo } from './store-task-io.ts';
import { RefusedTaskError, TaskFailure } from './task-io.ts';

/** Thrown when the backend cannot be opened on this machine; it may work on others. */
export class DeviceUnusableError extends Error {
  override readonly name = 'DeviceUnusableError';
}

/** How long a program may take until it is ready, ms; importing a large library from a slow disk takes minutes. */
const startLimitMs = 10 * 60_000;

export interface ComputeOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly backend: string;
  readonly threads: number;
  /** Folder for large payloads; it is created, and emptied between programs. */
  readonly scratch: string;
}

interface Running {
  readonly child: ChildProgram;
  readonly ready: Ready;
}

export class ComputeProcess {
  readonly #options: ComputeOptions;
  /** The program's last lines of output. */
  readonly output = new LogTail();
  #running: Running | undefined;

  constructor(options: ComputeOptions) {
    this.#options = options;
  }

  /** Starts the program unless it is running. @throws DeviceUnusableError; InvalidInputError if it is not a compute program */
  async start(): Promise<Ready> {
    if (this.#running?.child.isAlive === true) return this.#running.ready;
    const { command, scratch } = this.#options;
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch, { recursive: true });
    const child = new ChildProgram(command, { onOutput: (text) => this.output.add(text) });
    const limit = new AbortController();
    try {
      const ready = await Promise.race([
        this.#greet(child),
        child.ended.then((end) => Promise.reject(this.#startTrouble(end))),
        pause(startLimitMs, undefined, { signal: limit.signal, ref: false }).then(() =>
          Promise.reject(new DeviceUnusableError(`the compute program was not ready within ${startLimitMs / 60_000} minutes`)),
        ),
      ]);
      this.#running = { child, ready };
      return ready;
    } catch (error) {
      child.kill();
      throw error;
    } finally {
      limit.abort();
    }
  }

  #greet(child: ChildProgram): Promise<Ready> {
    const { command, backend, threads, scratch } = this.#options;
    return new Promise((resolve, reject) => {
      child.listen((message) => {
        if (message.type === 'hello') {
          if (!message.protocols.includes(computeProtocol)) {
            const spoken = message.protocols.join(', ');
            reject(
              new InvalidInputError(
                `${command.join(' ')}: ${message.program} speaks the compute protocol ${spoken || 'in no version'}; expected ${computeProtocol}. ` +
                  'Remedy: use versions of the program and of ncsweep that go together',
              ),
            );
            return;
          }
          child.link.scratch = scratch;
          void child.link.send({ type: 'welcome', protocol: computeProtocol, backend, threads, scratch });
        } else if (message.type === 'ready') resolve(message);
        else if (message.type === 'unusable') reject(new DeviceUnusableError(message.message));
        else reject(this.#nonsense(new Error(`${message.type} before it was ready`)));
      });
    });
  }

  #startTrouble(end: ProgramEnd): Error {
    if (end.nonsense !== undefined) return this.#nonsense(end.nonsense);
    const text = `the compute program ended while it started (${end.signal ?? end.exitCode ?? 'it did not start'})`;
    return new DeviceUnusableError(`${text}\n${this.output.text()}`);
  }

  #nonsense({ message }: Error): InvalidInputError {
    return new InvalidInputError(
      `${this.#options.command.join(' ')}: it sent ${message}. Expected a program that speaks the compute protocol. ` +
        `Remedy: check NCSWEEP_COMPUTE, and test the program with "ncsweep contract test"`,
    );
  }

  /** Runs one task. @throws TaskFailure, RefusedTaskError; if the process dies, a TaskFailure of the current cell */
  async run(task: TaskDocument, io: StoreTaskIo): Promise<void> {
    await this.start();
    const { child } = this.#running!;
    const oomKills = readOomKills();
    const cells = cellsIn(task);
    const abort = (): void => void child.link.send({ type: 'abort' });
    try {
      await new Promise<void>((resolve, reject) => {
        child.listen((message, payloads) => {
          const stranger = 'cellId' in message && !cells.has(message.cellId) ? message.cellId : undefined;
          const end = stranger === undefined ? take(message, payloads, io, child) : misnamed(stranger, io, child);
          if (end === 'done') resolve();
          else if (end !== undefined) reject(end);
        });
        void child.ended.then((end) => {
          const facts = { ...end, output: this.output.text(), oomKillerRan: readOomKills() > oomKills };
          const { nonsense } = end;
          if (nonsense) reject(new TaskFailure('unknown', io.currentCell, `the compute program sent ${nonsense.message}`));
          else reject(new TaskFailure(classifyProcessEnd(facts), io.currentCell, describeProcessEnd(facts)));
        });
        io.signal.addEventListener('abort', abort, { once: true });
        void child.link.send({ type: 'run', task });
        if (io.signal.aborted) abort();
      });
    } catch (error) {
      if (error instanceof TaskFailure && error.failureClass === 'device') this.kill(); // a lost device stays lost in this process
      throw error;
    } finally {
      io.signal.removeEventListener('abort', abort);
      child.listen(() => undefined);
      await child.link.removeFiles();
    }
  }

  /** Ends the program at once. */
  kill(): void {
    this.#running?.child.kill();
    this.#running = undefined;
  }

  /** Ends the program and removes its folder. */
  close(): void {
    this.kill();
    rmSync(this.#options.scratch, { recursive: true, force: true });
  }
}

/** The cells that a program may name: those of its task and their inputs. */
function cellsIn(task: TaskDocument): ReadonlySet<string> {
  const inputs = task.kind === 'train' ? [task.startFrom?.cellId] : [task.evaluation.snapshot, task.evaluation.clean];
  return new Set([...task.cells.map(({ cellId }) => cellId), ...inputs.filter((each) => each !== undefined)]);
}

function misnamed(cellId: string, io: StoreTaskIo, child: ChildProgram): Error {
  child.kill();
  return new TaskFailure('unknown', io.currentCell, `the compute program named cell ${cellId}, which its task does not have`);
}

/** @returns how the task ended, if this message says so */
function take(
  message: FromProgram,
  payloads: readonly NamedBytes[],
  io: StoreTaskIo,
  child: ChildProgram,
): 'done' | Error | undefined {
  switch (message.type) {
    case 'call':
      void answerCall(message, payloads, io).then(({ answer, payloads: found = [] }) => child.link.send(answer, found));
      return undefined;
    case 'progress': {
      const { type: _, cellId, ...progress } = message;
      io.progress(cellId, progress);
      return undefined;
    }
    case 'log':
      io.log(message.cellId, message.level, message.text);
      return undefined;
    case 'done':
      return 'done';
    case 'failed': {
      if (message.trace !== undefined) io.log(message.cellId, 'warn', message.trace);
      const at = message.atStep === undefined ? {} : { atStep: message.atStep };
      return new TaskFailure(message.class, message.cellId, message.message, at);
    }
    case 'refused':
      return new RefusedTaskError(message.message);
    case 'hello':
    case 'ready':
    case 'unusable':
    case 'drawn':
      child.kill();
      return new TaskFailure('unknown', io.currentCell, `the compute program sent ${message.type} while a task ran`);
    default:
      return message satisfies never;
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
