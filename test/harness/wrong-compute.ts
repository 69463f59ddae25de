/** A compute program that does not keep the protocol in five ways. Its contract test must say which, and nothing else. */
import process from 'node:process';
import { wholeScience } from '@ncsweep/catalog/compute/science';
import type { TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { openBackend } from '@ncsweep/worker/backend/backend';
import { runTask } from '@ncsweep/worker/run-task';
import { serveCompute } from '@ncsweep/worker/serve-compute';
import { TaskFailure, type TaskIo } from '@ncsweep/worker/task-io';

/** It forgets momentum, and attacks with a somewhat larger budget. */
function misread(task: TaskDocument): TaskDocument {
  if (task.kind === 'train') return { ...task, training: { ...task.training, momentum: 0 } };
  return { ...task, cells: task.cells.map((cell) => ({ ...cell, epsilon: 1.01 * cell.epsilon })) };
}

/** It computes what is settled. */
const careless = (io: TaskIo): TaskIo => ({ ...io, isSettled: () => Promise.resolve(false) });

async function run(task: TaskDocument, io: TaskIo): Promise<void> {
  try {
    await runTask(misread(task), careless(io));
  } catch (error) {
    // It does not tell one failure from another.
    if (error instanceof TaskFailure && error.failureClass === 'nonFiniteLoss')
      throw new TaskFailure('unknown', error.cellId, error.message);
    throw error;
  }
}

await serveCompute(async ({ threads }) => {
  const { device, versions } = await openBackend('wasm', { threads });
  const { 'loss:trades': _, ...science } = wholeScience(); // It has no TRADES, it says.
  return {
    facts: { device, versions: { node: process.versions.node, ...versions }, threads: 1, repeats: 'equal', science },
    run,
  };
}, 'wrong');
