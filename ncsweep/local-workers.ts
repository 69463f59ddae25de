/** Worker processes on this machine. */
import type { WorkerProgram } from '@ncsweep/orchestrator/engine/local/worker-pool';
import type { BackendName } from '@ncsweep/catalog/backends';
import { absoluteLocation } from '@ncsweep/protocol/store/open-store';
import { workerProgram } from './backends.ts';
import { buildId } from './build-id.ts';
import type { Machine } from './machine.ts';

/** @returns a function that starts workers on a store, with this many threads for the kernels of each */
export async function localWorkers(
  { environment }: Pick<Machine, 'environment'>,
  backend: BackendName,
): Promise<(storeLocation: string, threads: number) => WorkerProgram> {
  const path = workerProgram('main');
  const build = environment['NCSWEEP_BUILD_ID'] || (await buildId());
  return (storeLocation, threads) => ({
    path,
    environment: {
      ...environment,
      NCSWEEP_STORE: absoluteLocation(storeLocation),
      NCSWEEP_BACKEND: backend,
      NCSWEEP_THREADS: String(threads),
      NCSWEEP_BUILD_ID: build,
    },
  });
}
