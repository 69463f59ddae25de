/** The machine on which a sweep is planned, run or read. */
import type { BackendName } from '@ncsweep/catalog/backends';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { BackendChoice } from './backends.ts';
import { readDefaults, type Defaults } from './config.ts';

export interface Machine extends Defaults {
  /**
   * @param set overrides of the file, `path=value`
   * @param store where names of pushed datasets are looked up
   * @throws InvalidSweepError with every problem of the file
   */
  loadSweep(file: string, set: readonly string[], store: string): Promise<Sweep>;
  /** The backend that a choice means here. @throws InvalidInputError when it is not available */
  resolveBackend(choice: BackendChoice): Promise<BackendName>;
}

/**
 * The machine that functions use when given no `machine`.
 * @param environment to use instead of the process's own, for defaults and for worker processes
 * @example
 * ```ts
 * import { loadSweep, planSweep, thisMachine } from 'ncsweep';
 *
 * const machine = thisMachine({ ...process.env, NCSWEEP_STORE: 'another/store' });
 * console.log((await planSweep(await loadSweep('tiny.yaml'), { machine })).toRun);
 * ```
 */
export const thisMachine = (environment?: Machine['environment']): Machine => ({
  ...readDefaults(environment),
  // Help needs no machine, and what these two need takes most of the time that a command takes to start.
  loadSweep: async (file, set, store) => (await import('./load-sweep.ts')).loadSweep(file, { set, store }),
  resolveBackend: async (choice) => (await import('./backends.ts')).resolveBackend(choice),
});
