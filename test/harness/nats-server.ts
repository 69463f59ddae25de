/** A real nats-server with JetStream on a temporary folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerProcess } from './server-process.ts';

export interface NatsServer {
  readonly process: ServerProcess;
  readonly url: string;
  /** Kills it, removes all it kept, and starts it again. */
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

/** @param at a port; default: a free one */
export async function startNats(at?: number): Promise<NatsServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-nats-'));
  const args = (port: number): string[] => ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder];
  const server = await ServerProcess.start('nats-server', args, {}, at);
  return {
    process: server,
    url: `nats://127.0.0.1:${server.port}`,
    wipe: async () => {
      await server.stop('SIGKILL');
      await rm(path.join(folder, 'jetstream'), { recursive: true, force: true });
      await server.restart();
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
