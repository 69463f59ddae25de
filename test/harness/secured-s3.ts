/** A real S3 server (versitygw) with TLS from a private authority and with users, as tenants have. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeAuthority, type Authority } from './authority.ts';
import { serverProgram, ServerProcess } from './server-process.ts';

const run = promisify(execFile);
const root = { access: 'root', secret: 'secret of root' } as const;

export interface SecuredS3 {
  readonly authority: Authority;
  /** https://… */
  readonly endpoint: string;
  /** Environment of a client with all rights. */
  readonly administrator: Readonly<Record<string, string>>;
  /** Makes a user without any rights. @returns the environment of a client */
  user(name: string): Promise<Readonly<Record<string, string>>>;
  bucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

const environmentOf = (access: string, secret: string): Readonly<Record<string, string>> => ({
  AWS_ACCESS_KEY_ID: access,
  AWS_SECRET_ACCESS_KEY: secret,
});

export async function startSecuredS3(): Promise<SecuredS3> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-s3-'));
  const [data, users] = [path.join(folder, 'data'), path.join(folder, 'users')];
  for (const each of [data, users]) await mkdir(each);
  const authority = await makeAuthority(folder);
  const { certificate, key } = authority.files;
  const server = await ServerProcess.start(
    'versitygw',
    (port) => [
      ...['--port', `127.0.0.1:${port}`, '--quiet', '--cert', certificate, '--key', key],
      ...['--iam-dir', users, 'posix', data],
    ],
    { ROOT_ACCESS_KEY: root.access, ROOT_SECRET_KEY: root.secret },
  );
  const endpoint = `https://127.0.0.1:${server.port}`;
  const administer = ['admin', '--allow-insecure', '-a', root.access, '-s', root.secret, '-er', endpoint];
  return {
    authority,
    endpoint,
    administrator: environmentOf(root.access, root.secret),
    user: async (name) => {
      await run(serverProgram('versitygw'), [...administer, 'create-user', '-a', name, '-s', `secret of ${name}`, '-r', 'user']);
      return environmentOf(name, `secret of ${name}`);
    },
    bucket: async (name) => {
      await mkdir(path.join(data, name));
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
