/** The compute process: one backend, opened once, and the tasks that its supervisor sends. */
import process from 'node:process';
import { openBackend } from './backend/backend.ts';
import { readComputeConfig } from './config.ts';
import { runTask } from './run-task.ts';
import { serveCompute } from './serve-compute.ts';

await serveCompute(async () => {
  const { backend, threads, arrays } = readComputeConfig();
  const opened = await openBackend(backend, { threads });
  const versions = { node: process.versions.node, ...opened.versions };
  return { facts: { versions, device: opened.device, threads: opened.threads }, run: (task, io) => runTask(task, io, arrays) };
});
