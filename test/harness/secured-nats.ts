/** A real nats-server with TLS from a private authority and with users, each in an account; it logs what it refuses. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Permissions } from '@ncsweep/protocol/stream/jetstream/permissions';
import { makeAuthority, type Authority } from './authority.ts';
import { ServerProcess } from './server-process.ts';

/** As in the server's configuration: by password, or by the public part of a key pair. */
type NatsUser = ({ readonly user: string; readonly password: string } | { readonly nkey: string }) & {
  readonly permissions?: Permissions;
};

export interface SecuredNats {
  readonly url: string;
  readonly authority: Authority;
  /** Subjects that clients published or subscribed to. */
  used(): Promise<ReadonlySet<string>>;
  /** Lines about what it refused. */
  refusals(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** @param access accounts with their users, or the settings of an operator's server */
export async function startSecuredNats(
  access: { readonly accounts: Readonly<Record<string, readonly NatsUser[]>> } | { readonly operator: object },
): Promise<SecuredNats> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-nats-'));
  const authority = await makeAuthority(folder);
  const { certificate: cert_file, key: key_file } = authority.files;
  const settings = {
    jetstream: { store_dir: folder },
    tls: { cert_file, key_file },
    log_file: path.join(folder, 'log'),
    trace: true,
    ...('operator' in access ? access.operator : { accounts: accountsOf(access.accounts) }),
  };
  const config = path.join(folder, 'nats.conf');
  await writeFile(config, JSON.stringify(settings), { mode: 0o600 });
  const server = await ServerProcess.start('nats-server', (port) => ['-c', config, '-a', '127.0.0.1', '-p', String(port)]);
  return {
    url: `nats://127.0.0.1:${server.port}`,
    authority,
    used: async () => {
      const spoken = (await readFile(settings.log_file, 'utf8')).matchAll(/<<- \[(?:H?PUB|SUB) (\S+)/g);
      return new Set([...spoken].map(([, subject = '']) => subject));
    },
    refusals: async () => (await readFile(settings.log_file, 'utf8')).split('\n').filter((line) => /violation/i.test(line)),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const accountsOf = (accounts: Readonly<Record<string, readonly NatsUser[]>>): object =>
  Object.fromEntries(Object.entries(accounts).map(([name, users]) => [name, { jetstream: 'enabled', users }]));
