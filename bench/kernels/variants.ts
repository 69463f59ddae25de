/** Who does the work: processes that answer one line of JSON for each line asked. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { networkNodes } from '@ncsweep/catalog/architectures';
import type { BackendName } from '@ncsweep/catalog/backends';
import { networkDocument } from '@ncsweep/catalog/network/network-document';
import { torchPython } from '../peers/torch-python.ts';
import { channelsOf, type Case } from './cases.ts';

export interface WorkProgram {
  readonly program: string;
  readonly args: readonly string[];
  /** Default: this process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const at = (file: string): string => new URL(file, import.meta.url).pathname;

class WorkProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor({ program, args, environment = process.env }: WorkProgram, cases: readonly Case[]) {
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: environment });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.send(JSON.stringify(cases));
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

  constructor(name: string, count: number, program: WorkProgram, cases: readonly Case[]) {
    this.name = name;
    this.#processes = Array.from({ length: count }, () => new WorkProcess(program, cases));
    this.facts = Promise.all(this.#processes.map((each) => each.answer())).then((all) => all[0] as Record<string, string>);
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

/** @param settings of torch_worker.py, after the number of threads */
export const torchProgram = (python: string, threads: number, ...settings: readonly string[]): WorkProgram => ({
  program: python,
  args: [at('torch_worker.py'), String(threads), ...settings],
});

export const ncsweepProgram = (backend: BackendName, threads: number): WorkProgram => ({
  program: process.execPath,
  args: [at('ncsweep-worker.ts'), backend, String(threads)],
});

export const torchVariant = (cases: readonly Case[], count: number, threads: number): Variant =>
  new Variant(labelled('PyTorch', count, threads), count, torchProgram(torchPython(), threads), cases);

export const ncsweepVariant = (cases: readonly Case[], backend: BackendName, count: number, threads: number): Variant =>
  new Variant(labelled(backend, count, threads), count, ncsweepProgram(backend, threads), cases);

/** The network of a case as a compute program is told of it. */
function withNetwork(the: Case): Case & { readonly network: object } {
  const { architecture, image, classes } = the;
  const nodes = networkNodes(architecture, { image, classes, normalisation: channelsOf(the) });
  return { ...the, network: networkDocument(nodes, image) };
}

export const torchCpuVariant = (cases: readonly Case[], count: number, threads: number): Variant =>
  new Variant(
    labelled('torch-cpu', count, threads),
    count,
    { program: torchPython(), args: [at('ncsweep_torch_worker.py'), String(threads)] },
    cases.map(withNetwork),
  );
