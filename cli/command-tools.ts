/** What commands need from outside, so that tests can bring their own. */
import type { BackendName } from '@ncsweep/protocol/params';
import type { Sweep } from '@ncsweep/protocol/sweep';

export type BackendChoice = Sweep['execution']['backend'] | 'native';

export interface CommandTools {
  /**
   * @param set overrides of the file, `path=value`
   * @throws InvalidInputError with every problem of the file
   */
  loadSweep(file: string, set: readonly string[]): Promise<Sweep>;
  /** The backend that a run on this machine would use. @throws InvalidInputError when it is not there */
  resolveBackend(choice: BackendChoice): Promise<BackendName>;
  /** Store used when none is named. */
  readonly defaultStore: string;
  /** What worker processes inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
