/** A whole `ncsweep run`, as a user starts it, measured. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { BackendName } from '@ncsweep/catalog/backends';
import { type Measured, measureProcesses } from './measure-processes.ts';

const program = new URL('../cli/bin/ncsweep.mjs', import.meta.url).pathname;

interface Run {
  /** The sweep's. */
  readonly file: string;
  /** For store and report; without a store in it nothing is cached. */
  readonly folder: string;
  readonly backend: BackendName;
  readonly env?: NodeJS.ProcessEnv;
}

/** Until the report is written. @throws when the run fails or a trial has no result */
export async function measureNcsweep({ file, folder, backend, env }: Run): Promise<Measured> {
  const options = ['--store', path.join(folder, 'store'), '--out', path.join(folder, 'out'), '--backend', backend];
  const measured = await measureProcesses([process.execPath, program, 'run', file, ...options], env && { env });
  if ((await readFile(path.join(folder, 'out/results.csv'), 'utf8')).includes(',missing,'))
    throw new Error('a trial has no result');
  return measured;
}
