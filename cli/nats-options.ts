/** Options for connecting a command to NATS. */
import { readFile } from 'node:fs/promises';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { NatsOptions } from '@ncsweep/protocol/stream/jetstream/connect';
import type { CommandTools } from './command-tools.ts';

export interface NatsChoice {
  readonly nats: string | undefined;
  readonly natsCreds: string | undefined;
  readonly natsCa: string | undefined;
  readonly install: string;
}

export const natsOptions = ({ nats }: CommandTools) =>
  ({
    nats: { type: 'string', requiresArg: true, default: nats.servers, describe: 'NATS: nats://host:4222; default: NCSWEEP_NATS' },
    'nats-creds': {
      type: 'string',
      requiresArg: true,
      default: nats.credentialsFile,
      describe: 'credentials for NATS: a .creds file, or one with the seed of an nkey or user:password',
    },
    'nats-ca': {
      type: 'string',
      requiresArg: true,
      default: nats.authorityFile,
      describe: "PEM of the authority that signed NATS's certificate",
    },
    install: {
      type: 'string',
      requiresArg: true,
      default: nats.install,
      describe: 'id of the install, which is the name of its Helm release',
    },
  }) as const;

async function fileOf(option: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new InvalidInputError(`${option}: expected a file, found none that can be read: ${file}`, { cause });
  }
}

/** Undefined when no server is given. @throws InvalidInputError */
export async function connectionOf(choice: NatsChoice): Promise<NatsOptions | undefined> {
  const { nats: servers, natsCreds, natsCa } = choice;
  if (servers === undefined || servers === '') return undefined;
  return {
    servers,
    name: 'ncsweep',
    ...(natsCreds !== undefined && { credentials: await fileOf('--nats-creds', natsCreds) }),
    ...(natsCa !== undefined && { authority: new TextDecoder().decode(await fileOf('--nats-ca', natsCa)) }),
  };
}
