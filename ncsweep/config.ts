/** Defaults of the library from the environment. Nothing else in the library reads it. */
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

export interface Defaults {
  /** Store to use when none is named: `NCSWEEP_STORE`, else `.ncsweep/store` in the working directory. */
  readonly defaultStore: string;
  /** Folder for anything that can be fetched again: `NCSWEEP_CACHE`, else `ncsweep` in `XDG_CACHE_HOME` or `~/.cache`. */
  readonly cacheFolder: string;
  /** Environment that worker processes inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** @param environment to use instead of the process's own */
export function readDefaults(environment: Defaults['environment'] = process.env): Defaults {
  const caches = environment['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  return {
    defaultStore: environment['NCSWEEP_STORE'] ?? '.ncsweep/store',
    cacheFolder: environment['NCSWEEP_CACHE'] ?? path.join(caches, 'ncsweep'),
    environment,
  };
}
