/** The only place in the CLI that reads the environment. */
import { homedir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

export interface NatsDefaults {
  readonly servers: string | undefined;
  readonly credentialsFile: string | undefined;
  readonly authorityFile: string | undefined;
  readonly install: string;
}

export interface CliConfig {
  /** Store used when none is named. */
  readonly store: string;
  /** Folder on this machine for what can be made or fetched again. */
  readonly cacheFolder: string;
  /** How NATS is reached when nothing is named. */
  readonly nats: NatsDefaults;
  /** What worker processes inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether colours are wanted: not with NO_COLOR (no-color.org) or on a dumb terminal. */
  readonly color: boolean;
}

export function readCliConfig(environment: Readonly<Record<string, string | undefined>> = process.env): CliConfig {
  return {
    store: environment['NCSWEEP_STORE'] ?? '.ncsweep/store',
    cacheFolder:
      environment['NCSWEEP_CACHE'] ?? path.join(environment['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'ncsweep'),
    nats: {
      servers: environment['NCSWEEP_NATS'],
      credentialsFile: environment['NCSWEEP_NATS_CREDS'],
      authorityFile: environment['NCSWEEP_NATS_CA'],
      install: environment['NCSWEEP_INSTALL'] ?? 'ncsweep',
    },
    environment,
    color: !environment['NO_COLOR'] && environment['TERM'] !== 'dumb',
  };
}
