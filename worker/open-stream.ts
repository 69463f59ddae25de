/** Where a worker's tasks come from: its parent process on one machine, NATS on a cluster. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { IpcStream } from '@ncsweep/protocol/stream/ipc-stream';
import type { WorkerStream } from '@ncsweep/protocol/stream/stream';
import type { PoolConfig, WorkerConfig } from './config.ts';

export interface OpenStream {
  readonly stream: WorkerStream;
  /** Sends what is pending and closes the connection. */
  close(): Promise<void>;
}

/** @throws StreamUnreachableError, InvalidInputError */
export async function openStream({ pool, worker }: WorkerConfig): Promise<OpenStream> {
  return pool === undefined ? parentStream() : poolStream(pool, worker);
}

function parentStream(): OpenStream {
  const stream = new IpcStream({
    send: (message, sent) => {
      if (process.connected) process.send?.(message, sent);
      else sent(null);
    },
    onMessage: (listener) => void process.on('message', listener),
  });
  return { stream, close: () => Promise.resolve() };
}

/** The NATS client is loaded only on a cluster. */
async function poolStream(pool: PoolConfig, worker: string): Promise<OpenStream> {
  const { connectNats } = await import('@ncsweep/protocol/stream/jetstream/connect');
  const { streamNames } = await import('@ncsweep/protocol/stream/jetstream/names');
  const { JetStreamWorkerStream } = await import('@ncsweep/protocol/stream/jetstream/worker-stream');
  const { servers, install, sweep, taskClass, wave, credentialsFile, authorityFile } = pool;
  const names = streamNames(install);
  const connection = await connectNats({
    servers,
    name: worker,
    inbox: names.inbox('worker'),
    ...(credentialsFile !== undefined && { credentials: await readFile(credentialsFile) }),
    ...(authorityFile !== undefined && { authority: await readFile(authorityFile, 'utf8') }),
  });
  const stream = new JetStreamWorkerStream(connection, names, { sweep, taskClass, worker, wave });
  return { stream, close: () => connection.drain().catch(() => undefined) };
}
