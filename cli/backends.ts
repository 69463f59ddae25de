/** Which backend a choice means on this machine. The worker, which owns the backends, is asked as a program. */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { backendName, type BackendName } from '@ncsweep/catalog/backends';
import { z } from 'zod';
import type { BackendChoice } from './command-tools.ts';

/** Path of one of the worker's programs. */
export const workerProgram = (name: 'main' | 'list-backends'): string =>
  fileURLToPath(import.meta.resolve(`@ncsweep/worker/${name}`));

async function availableBackends(): Promise<readonly BackendName[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [workerProgram('list-backends')]);
  return z.array(backendName).parse(JSON.parse(stdout));
}

/** @throws InvalidInputError when the choice is not there, with the remedy */
export async function resolveBackend(choice: BackendChoice): Promise<BackendName> {
  if (choice === 'wasm') return choice; // always there
  const available = await availableBackends();
  const wanted = available.find((name) => choice === 'auto' || name === choice || (choice === 'native' && name !== 'wasm'));
  if (wanted !== undefined) return wanted;
  const remedy = choice === 'native-gpu' ? 'run "make native-gpu"' : 'run "make native"';
  throw new InvalidInputError(
    `backend ${choice} is not on this machine (there: ${available.join(', ')}); ${remedy}, or use --backend wasm (slower, always there)`,
  );
}
