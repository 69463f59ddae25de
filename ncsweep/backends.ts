/** Which backend a choice means on this machine. The worker owns the backends, so its program is run to list them. */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import {
  backendName,
  backendNames,
  backendOf,
  backends,
  isChosen,
  type BackendName,
  type LocalBackendChoice,
} from '@ncsweep/catalog/backends';
import { z } from 'zod';

/** `auto` is the fastest available backend, `native` the fastest available native one. */
export type BackendChoice = LocalBackendChoice;

/** Path of one of the worker's programs. @throws InvalidInputError where no worker is installed, as in the image of the command line */
export function workerProgram(name: 'main' | 'list-backends' | 'test-plugin'): string {
  try {
    return fileURLToPath(import.meta.resolve(`@ncsweep/worker/${name}`));
  } catch (cause) {
    const message = 'workers are not installed here: expected the package @ncsweep/worker; install it beside ncsweep';
    throw new InvalidInputError(message, { cause });
  }
}

let available: Promise<readonly BackendName[]> | undefined;

/** The backends of this machine do not change while a process runs. */
const availableBackends = (): Promise<readonly BackendName[]> => (available ??= listBackends());

async function listBackends(): Promise<readonly BackendName[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [workerProgram('list-backends')]);
  const there = new Set(z.array(backendName).parse(JSON.parse(stdout)));
  return backendNames.filter((name) => there.has(name)); // best first
}

/** @throws InvalidInputError with the remedy when the choice is not available */
export async function resolveBackend(choice: BackendChoice): Promise<BackendName> {
  if (choice !== 'auto' && choice !== 'native' && backendOf(choice).setUp === undefined) return choice; // always available
  const there = await availableBackends();
  const wanted = there.find((name) => isChosen(choice, name));
  if (wanted !== undefined) return wanted;
  const { setUp } = choice === 'auto' || choice === 'native' ? backends['native-cpu'] : backendOf(choice);
  throw new InvalidInputError(
    `backend ${choice} is not installed on this machine (installed: ${there.join(', ')}); run "${setUp}", or use --backend wasm (slower, always available)`,
  );
}
