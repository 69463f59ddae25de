/** Takes a compute program through everything that docs/compute-protocol.md requires, and reports what it does and does not do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeCaseData } from './case-data.ts';
import type { Bench, Check } from './check.ts';
import { drawChecks } from './draw-checks.ts';
import { evaluationChecks } from './evaluation-checks.ts';
import { failureChecks } from './failure-checks.ts';
import { Golden } from './golden-numbers.ts';
import { greetingChecks } from './greeting-checks.ts';
import { Session } from './session.ts';
import { trainingChecks } from './training-checks.ts';

export interface ContractOptions {
  /** The compute program and its arguments. */
  readonly command: readonly string[];
  /** The backend that it is asked to open. */
  readonly backend: string;
  /** Default 1. */
  readonly threads?: number;
  /** Ids of the checks to run; default: all. */
  readonly only?: readonly string[];
  /** Called with each row as it is known. */
  readonly onRow?: (row: ContractRow) => void;
}

export interface ContractRow {
  readonly group: string;
  readonly id: string;
  readonly title: string;
  readonly passed: boolean;
  /** What was found and expected; empty if it passed. */
  readonly found: string;
  readonly ms: number;
}

const groups: Readonly<Record<string, readonly Check[]>> = {
  greeting: greetingChecks,
  draws: drawChecks,
  training: trainingChecks,
  evaluation: evaluationChecks,
  failures: failureChecks,
};

/** Starts a program when one is needed, and keeps it for the next check. */
class Programs {
  readonly #options: ContractOptions;
  readonly #folder: string;
  #current: Session | undefined;
  #started = 0;

  constructor(options: ContractOptions, folder: string) {
    this.#options = options;
    this.#folder = folder;
  }

  async session(): Promise<Session> {
    if (this.#current?.isAlive === true) return this.#current;
    const { command, backend, threads = 1 } = this.#options;
    const scratch = path.join(this.#folder, `scratch-${(this.#started += 1)}`);
    this.#current = await Session.start({ command, backend, threads, scratch });
    return this.#current;
  }

  /** A program that failed a check may be in any state. */
  drop(): void {
    this.#current?.kill();
    this.#current = undefined;
  }
}

/** @returns a row for each check, in order */
export async function testContract(options: ContractOptions): Promise<readonly ContractRow[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-contract-'));
  const programs = new Programs(options, folder);
  try {
    const decoded = await writeCaseData(path.join(folder, 'data'));
    const bench: Bench = { decoded, golden: Golden.read(), folder, session: () => programs.session() };
    const rows: ContractRow[] = [];
    for (const [group, checks] of Object.entries(groups)) {
      for (const each of checks.filter(({ id }) => options.only?.includes(id) ?? true)) {
        const row = { group, ...(await rowOf(each, bench)) };
        if (!row.passed) programs.drop();
        rows.push(row);
        options.onRow?.(row);
      }
    }
    return rows;
  } finally {
    programs.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function rowOf(each: Check, bench: Bench): Promise<Omit<ContractRow, 'group'>> {
  const { id, title } = each;
  const startMs = performance.now();
  let found = '';
  try {
    await each.run(bench);
  } catch (error) {
    found = error instanceof Error ? error.message : String(error);
  }
  return { id, title, passed: found === '', found, ms: Math.round(performance.now() - startMs) };
}
