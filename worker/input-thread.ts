/**
 * A thread that reads the supervisor's pipe, so that its end is noticed even while a kernel blocks the main thread: the process then ends at
 * once. What it reads goes to the main thread.
 */
import { Socket } from 'node:net';
import process from 'node:process';
import { parentPort } from 'node:worker_threads';

const leave = (): void => void process.kill(process.pid, 'SIGKILL');

const input = new Socket({ fd: 3 });
input.on('data', (bytes) => {
  const copy = Uint8Array.from(bytes as Buffer);
  parentPort?.postMessage(copy, [copy.buffer]);
});
input.on('end', leave);
input.on('error', leave);
