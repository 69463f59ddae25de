/** A thread that ends its process once the supervisor is gone, even while a kernel blocks the main thread. */
import process from 'node:process';
import { workerData } from 'node:worker_threads';

const everyMs = 250;

setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, everyMs);
