/** Worker processes on this machine: started when there is work, replaced when they die, stopped together. */
import { type ChildProcess, fork } from 'node:child_process';
import { serveIpcStream } from '@ncsweep/protocol/stream/ipc-stream';
import type { LocalStream } from '@ncsweep/protocol/stream/local-stream';

export interface WorkerProgram {
  /** Path of the worker's main module. */
  readonly path: string;
  /** Environment of the workers, without NCSWEEP_WORKER. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface WorkerEnd {
  readonly worker: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
}

export class WorkerPool {
  readonly #program: WorkerProgram;
  readonly #stream: LocalStream;
  readonly #ended: (end: WorkerEnd) => void;
  readonly #workers = new Map<string, ChildProcess>();
  readonly #size: number;

  /** @param size maximum number of workers at once */
  constructor(program: WorkerProgram, stream: LocalStream, size: number, ended: (end: WorkerEnd) => void) {
    this.#program = program;
    this.#stream = stream;
    this.#size = size;
    this.#ended = ended;
  }

  get live(): number {
    return this.#workers.size;
  }

  /** Starts workers until there are `wanted` of them, or the pool is full. */
  grow(wanted: number): void {
    for (let slot = 1; slot <= this.#size && this.live < wanted; slot++) {
      if (!this.#workers.has(`w${slot}`)) this.#start(`w${slot}`);
    }
  }

  /** SIGTERM: workers write checkpoints and give their tasks back. SIGKILL: they end at once. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): void {
    for (const worker of this.#workers.values()) worker.kill(signal);
  }

  #start(name: string): void {
    const { path, environment } = this.#program;
    const child = fork(path, [], {
      env: { ...environment, NCSWEEP_WORKER: name },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#workers.set(name, child);
    serveIpcStream(child, name, this.#stream);
    let over = false;
    const end = (exitCode: number | null, signal: string | null): void => {
      if (over) return;
      over = true;
      this.#workers.delete(name);
      this.#stream.release(name);
      this.#ended({ worker: name, exitCode, signal });
    };
    child.once('exit', end);
    child.once('error', () => end(1, null));
  }
}
