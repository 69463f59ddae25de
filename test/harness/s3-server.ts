/** A real S3 server (versitygw) over a temporary folder, whose file system must support extended attributes. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerProcess } from './server-process.ts';

const credentials = { AWS_ACCESS_KEY_ID: 'ncsweep-test', AWS_SECRET_ACCESS_KEY: 'ncsweep-test-secret' };

export interface S3Server {
  readonly process: ServerProcess;
  /** Environment for clients. */
  readonly environment: Readonly<Record<string, string>>;
  /** Makes a bucket. @returns the location of a store in it */
  bucket(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Also sets the credentials in this process's environment. */
export async function startS3(): Promise<S3Server> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-s3-'));
  const server = await ServerProcess.start('versitygw', (port) => ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', folder], {
    ROOT_ACCESS_KEY: credentials.AWS_ACCESS_KEY_ID,
    ROOT_SECRET_KEY: credentials.AWS_SECRET_ACCESS_KEY,
  });
  Object.assign(process.env, credentials);
  return {
    process: server,
    environment: credentials,
    bucket: async (name) => {
      await mkdir(path.join(folder, name), { recursive: true });
      return `s3://${name}/lab?endpoint=http://127.0.0.1:${server.port}&use_path_style=true`;
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
