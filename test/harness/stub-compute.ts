/**
 * A compute process without tensors: results are functions of cell ids. The seed of a task's lineage chooses what goes wrong.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '@ncsweep/protocol/canonical';
import { pluginScience, wholeScience } from '@ncsweep/catalog/compute/science';
import type { TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { serveCompute } from '@ncsweep/worker/serve-compute';
import { TaskFailure, type TaskIo } from '@ncsweep/worker/task-io';
import { stubScalars, stubSeeds } from './stub-seeds.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const steps = 5;

/** See hold.ts. Who is stopped here leaves no checkpoint of this step, so that the next attempt is held again. */
async function untilReleased({ signal }: TaskIo, cellId: string): Promise<void> {
  const hold = process.env['NCSWEEP_TEST_HOLD'];
  while (hold !== undefined && existsSync(hold) && !signal.aborted) await sleep(20);
  if (signal.aborted) throw new TaskFailure('disruption', cellId, 'stopped while held', { atStep: 2 });
}

interface Step {
  readonly seed: number;
  readonly cellId: string;
  readonly step: number;
  readonly isResumed: boolean;
}

/** What the seed makes go wrong at a step. */
async function goWrong(io: TaskIo, { seed, cellId, step, isResumed }: Step): Promise<void> {
  if (seed === stubSeeds.slow) await sleep(40);
  if (seed >= stubSeeds.held && step === 3) await untilReleased(io, cellId);
  if (seed === stubSeeds.crashes && step === 3 && !isResumed) process.kill(process.pid, 'SIGKILL');
  if (seed === stubSeeds.deaf) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);
  if (seed === stubSeeds.needsMemory && process.env['NCSWEEP_MEMORY_STEP'] === '0')
    throw new TaskFailure('outOfMemory', cellId, 'too little memory', { atStep: step });
  if (seed === stubSeeds.diverges) throw new TaskFailure('nonFiniteLoss', cellId, 'the loss is NaN', { atStep: step });
  if (seed === stubSeeds.crashesAlways) process.kill(process.pid, 'SIGSEGV');
}

async function train(io: TaskIo, seed: number, cellId: string): Promise<void> {
  const resumed = await io.latestCheckpoint(cellId);
  for (let step = (resumed?.step ?? 0) + 1; step <= steps; step++) {
    await goWrong(io, { seed, cellId, step, isResumed: resumed !== undefined });
    await io.saveCheckpoint(cellId, { step, parts: [{ name: 'weights', bytes: bytes(`${cellId} ${step}`) }] });
    io.progress(cellId, { step, values: { loss: 1 / step } });
    if (io.signal.aborted) throw new TaskFailure('disruption', cellId, 'stopped', { atStep: step });
  }
}

const inputsOf = (task: TaskDocument): readonly string[] =>
  task.kind === 'train' ? [] : [task.evaluation.snapshot, task.evaluation.clean].filter((each) => each !== undefined);

async function run(task: TaskDocument, io: TaskIo): Promise<void> {
  for (const cell of task.cells) {
    if (await io.isSettled(cell.cellId)) continue;
    if (task.kind === 'train') await train(io, task.seed, cell.cellId);
    for (const input of inputsOf(task)) await io.readArtifact(input, 'out.bin');
    const out = { name: 'out.bin', bytes: bytes(sha256(cell.cellId)) };
    await io.commit(cell.cellId, {
      artifacts: [out],
      scalars: stubScalars(cell.cellId),
      computeMs: 1,
    });
  }
}

const facts = {
  versions: { stub: '1' },
  device: 'stub',
  threads: 1,
  repeats: 'equal',
  science: { ...wholeScience(), ...pluginScience },
} as const;
await serveCompute(() => Promise.resolve({ facts, run }), 'stub');
