/** Who does the work: processes that answer one line of JSON for each line asked. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import type { BackendName } from '@ncsweep/catalog/backends';
import { peerPython } from '../peers/peer-python.ts';
import { cases } from './cases.ts';

const at = (file: string): string => new URL(file, import.meta.url).pathname;

class WorkProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  send(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** @throws Error when the process ended instead of answering */
  async answer(): Promise<unknown> {
    const line = (await this.#lines.next()) as IteratorResult<string, undefined>;
    if (line.done === true) throw new Error(`${this.#child.spawnfile} ended: its message stands above`);
    return JSON.parse(line.value);
  }

  end(): void {
    this.#child.stdin.end();
  }
}

/** One or more equal processes, side by side. */
export class Variant {
  readonly name: string;
  readonly #processes: readonly WorkProcess[];
  /** Of the first process: versions by name. */
  readonly facts: Promise<Readonly<Record<string, string>>>;

  constructor(name: string, processes: readonly WorkProcess[]) {
    this.name = name;
    this.#processes = processes;
    this.facts = Promise.all(processes.map((each) => each.answer())).then((all) => all[0] as Record<string, string>);
  }

  /** @returns seconds a piece of work: of several processes, the slowest one's divided by their number, and the mean processor time */
  async sample(index: number): Promise<{ readonly wall: number; readonly processor: number }> {
    await this.facts;
    for (const each of this.#processes) each.send(String(index));
    const answers = await Promise.all(this.#processes.map((each) => each.answer() as Promise<readonly [number, number]>));
    return {
      wall: Math.max(...answers.map(([wall]) => wall)) / answers.length,
      processor: answers.reduce((sum, [, processor]) => sum + processor, 0) / answers.length,
    };
  }

  end(): void {
    for (const each of this.#processes) each.end();
  }
}

const labelled = (who: string, count: number, threads: number): string =>
  `${who}, ${count === 1 ? 'one process' : `${count} processes`} × ${threads === 1 ? 'one thread' : `${threads} threads`}`;

export function torchVariant(count: number, threads: number): Variant {
  const python = peerPython('torch');
  const start = (): WorkProcess => {
    const each = new WorkProcess(python, [at('torch_worker.py'), String(threads)]);
    each.send(JSON.stringify(cases));
    return each;
  };
  return new Variant(labelled('PyTorch', count, threads), Array.from({ length: count }, start));
}

export function ncsweepVariant(backend: BackendName, count: number, threads: number): Variant {
  const start = (): WorkProcess => new WorkProcess(process.execPath, [at('ncsweep-worker.ts'), backend, String(threads)]);
  return new Variant(labelled(backend, count, threads), Array.from({ length: count }, start));
}
