/** The compute program on TensorFlow.js: one backend, opened once, and the tasks that its supervisor sends. */
import process from 'node:process';
import { backendOf } from '@ncsweep/catalog/backends';
import { openBackend, tensorFlowBackend } from './backend/backend.ts';
import { runTask } from './run-task.ts';
import { tensorFlowScience } from './science.ts';
import { serveCompute } from './serve-compute.ts';

await serveCompute(async ({ backend, threads }) => {
  const opened = await openBackend(tensorFlowBackend.parse(backend), { threads });
  const versions = { node: process.versions.node, ...opened.versions };
  const { repeats } = backendOf(opened.name);
  const facts = { versions, device: opened.device, threads: opened.threads, repeats, science: tensorFlowScience };
  return { facts, run: runTask };
}, 'ncsweep-tensorflow');
