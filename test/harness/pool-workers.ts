/** Worker processes as a Job's pods would run them: on NATS and S3, and restarted when they fail. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { spawnBound } from './bound-process.ts';
import { stubCompute } from './stub-seeds.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

interface WorkerSettings {
  readonly nats: string;
  readonly install: string;
  readonly sweep: string;
  readonly store: string;
  /** Additional environment of the workers. */
  readonly environment?: Readonly<Record<string, string>>;
}

export class PoolWorkers {
  /** Exit code or signal of every worker that ended. */
  readonly ends: (number | string)[] = [];
  readonly #settings: WorkerSettings;
  readonly #live = new Map<string, ChildProcess>();
  #stopping = false;
  #next = 1;
  #errors = '';

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
  }

  /** What workers wrote to their error output. */
  get errors(): string {
    return this.#errors;
  }

  start(taskClass: 'train' | 'evaluate'): void {
    const { nats, install, sweep, store, environment } = this.#settings;
    this.#stopping = false;
    const worker = `w${this.#next++}`;
    const child = spawnBound(process.execPath, [path('../../worker/main.ts')], {
      env: {
        ...process.env,
        NCSWEEP_WORKER: worker,
        NCSWEEP_STORE: store,
        NCSWEEP_BACKEND: 'wasm',
        ...stubCompute,
        NCSWEEP_NATS: nats,
        NCSWEEP_INSTALL: install,
        NCSWEEP_SWEEP: sweep,
        NCSWEEP_CLASS: taskClass,
        NCSWEEP_WAVE: 'wave-0',
        ...environment,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr?.on('data', (data: Buffer) => (this.#errors += data.toString()));
    this.#live.set(worker, child);
    child.once('exit', (code, signal) => {
      this.#live.delete(worker);
      this.ends.push(signal ?? code ?? 'unknown');
      if (!this.#stopping && code !== 0) this.start(taskClass);
    });
  }

  /** To one worker, the oldest. */
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): void {
    [...this.#live.values()][0]?.kill(signal);
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#stopping = true;
    const ended = [...this.#live.values()].map((child) => once(child, 'exit'));
    for (const child of this.#live.values()) child.kill(signal);
    await Promise.all(ended);
  }
}
