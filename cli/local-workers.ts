/** Worker processes on this machine, as a run starts them. */
import type { WorkerProgram } from '@ncsweep/orchestrator/engine/local/worker-pool';
import type { BackendName } from '@ncsweep/catalog/backends';
import { absoluteLocation } from '@ncsweep/protocol/store/open-store';
import { workerProgram } from './backends.ts';

export interface LocalWorkers {
  /** What they inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly storeLocation: string;
  readonly backend: BackendName;
  /** Threads of each worker's kernels. */
  readonly threads: number;
}

export const localWorkers = ({ environment, storeLocation, backend, threads }: LocalWorkers): WorkerProgram => ({
  path: workerProgram('main'),
  environment: {
    ...environment,
    ...{ NCSWEEP_STORE: absoluteLocation(storeLocation), NCSWEEP_BACKEND: backend, NCSWEEP_THREADS: String(threads) },
  },
});
