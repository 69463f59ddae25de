/** What commands need from outside, so that tests can bring their own. */
import type { NatsDefaults } from './config.ts';
import type { BackendName, LocalBackendChoice } from '@ncsweep/catalog/backends';
import type { Sweep } from '@ncsweep/catalog/sweep';

export type BackendChoice = LocalBackendChoice;

export interface CommandTools {
  /**
   * @param set overrides of the file, `path=value`
   * @param store where names of pushed datasets are looked up
   * @throws InvalidInputError with every problem of the file
   */
  loadSweep(file: string, set: readonly string[], store: string): Promise<Sweep>;
  /** The backend that a run on this machine would use. @throws InvalidInputError when it is not there */
  resolveBackend(choice: BackendChoice): Promise<BackendName>;
  /** Store used when none is named. */
  readonly defaultStore: string;
  /** Folder on this machine for what can be made or fetched again. */
  readonly cacheFolder: string;
  /** How NATS is reached when nothing is named. */
  readonly nats: NatsDefaults;
  /** What worker processes inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
