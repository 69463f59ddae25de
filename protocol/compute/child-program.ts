/** A compute program as a child process, with the pipes of the protocol. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { DecodeError } from '../errors.ts';
import { Link, type NamedBytes } from './link.ts';
import { fromProgram, type FromProgram, type ToProgram } from './messages.ts';

/** How a process ended by itself, or that it did not speak the protocol. */
export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it sent that is not a message. */
  readonly nonsense?: Error;
}

type Listener = (message: FromProgram, payloads: readonly NamedBytes[]) => void;

export interface ChildProgramOptions {
  /** Default: this process's own. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Called with what it prints. */
  readonly onOutput: (text: string) => void;
}

/** @throws DecodeError */
function decode(header: unknown): FromProgram {
  const found = fromProgram.safeParse(header);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const text = JSON.stringify(header).slice(0, 200);
  throw new DecodeError('message', `${text}: ${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'invalid'}`);
}

export class ChildProgram {
  readonly #child: ChildProcess;
  readonly link: Link<FromProgram, ToProgram>;
  #listener: Listener = () => undefined;
  readonly #early: Parameters<Listener>[] = [];
  #isHeard = false;
  #nonsense: Error | undefined;
  /** Resolves when the process is gone; never rejects. */
  readonly ended: Promise<ProgramEnd>;
  #isAlive = true;

  /** @param command the program and its arguments */
  constructor([file = '', ...args]: readonly string[], { environment, onOutput }: ChildProgramOptions) {
    const child = spawn(file, args, {
      ...(environment && { env: environment }),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout?.on('data', (data: Buffer) => onOutput(data.toString()));
    child.stderr?.on('data', (data: Buffer) => onOutput(data.toString()));
    this.link = new Link({
      input: child.stdio[4] as Readable,
      output: child.stdio[3] as Writable,
      end: 'supervisor',
      decode,
      onMessage: (message, payloads) => {
        if (this.#isHeard) this.#listener(message, payloads);
        else this.#early.push([message, payloads]);
      },
      onEnd: (trouble) => {
        if (trouble === undefined) return;
        this.#nonsense = trouble;
        this.kill();
      },
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        onOutput(error.message);
        this.#isAlive = false;
        resolve({ exitCode: null, signal: null });
      });
      child.once('close', (exitCode, signal) => {
        this.#isAlive = false;
        resolve({ exitCode, signal, ...(this.#nonsense && { nonsense: this.#nonsense }) });
      });
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Replaces the listener; messages that came before the first are given to it. */
  listen(listener: Listener): void {
    this.#listener = listener;
    this.#isHeard = true;
    for (const early of this.#early.splice(0)) listener(...early);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** The pipes themselves, for what a Link would not send. */
  get pipe(): Writable {
    return this.#child.stdio[3] as Writable;
  }
}
