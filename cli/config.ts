/** The only place in the CLI that reads the environment. */
import process from 'node:process';

export interface NatsDefaults {
  readonly servers: string | undefined;
  readonly credentialsFile: string | undefined;
  readonly authorityFile: string | undefined;
  readonly install: string;
}

/** How this program was called: as `bin/ncsweep` recorded it, else by its name on the PATH. */
export const readProgram = (environment: Readonly<Record<string, string | undefined>> = process.env): string =>
  environment['NCSWEEP_COMMAND'] || 'ncsweep';

/** How to reach NATS when no option is given. */
export function readNatsDefaults(environment: Readonly<Record<string, string | undefined>> = process.env): NatsDefaults {
  return {
    servers: environment['NCSWEEP_NATS'],
    credentialsFile: environment['NCSWEEP_NATS_CREDS'],
    authorityFile: environment['NCSWEEP_NATS_CA'],
    install: environment['NCSWEEP_INSTALL'] ?? 'ncsweep',
  };
}
