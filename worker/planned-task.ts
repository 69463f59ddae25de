/** Runs a task of the queue: its dataset is decoded, its document written, and the compute program does the rest. */
import { documentOf } from '@ncsweep/catalog/compute/document';
import type { ArrayRequest } from '@ncsweep/catalog/cell-arrays';
import { pluginsOfTask } from '@ncsweep/catalog/plugins/used-plugins';
import { asKnownTask } from '@ncsweep/catalog/known-task';
import { otherScience } from '@ncsweep/protocol/compute/other-science';
import type { Task } from '@ncsweep/protocol/messages';
import { OlderProgramError } from './accept-task.ts';
import type { ComputeProcess } from './compute-process.ts';
import type { DecodedDatasets } from './data/decoded-datasets.ts';
import { importWeights } from './import-weights.ts';
import type { StoreTaskIo } from './store-task-io.ts';
import { asTaskFailure } from './task-failures.ts';
import { RefusedTaskError } from './task-io.ts';

export interface TaskRunners {
  readonly compute: ComputeProcess;
  readonly datasets: DecodedDatasets;
  /** Which arrays evaluations write beside their results. */
  readonly arrays: ArrayRequest | undefined;
  /** Aborted when the attempt takes too long. */
  readonly late: AbortSignal;
}

/** @throws TaskFailure; OlderProgramError when the compute program has other science */
export async function runPlannedTask(task: Task, io: StoreTaskIo, runners: TaskRunners): Promise<void> {
  try {
    await run(task, io, runners);
  } catch (error) {
    if (error instanceof RefusedTaskError) throw otherProgram(error.message, error);
    throw asTaskFailure(error, task.cells[0]!.cellId);
  }
}

async function run(task: Task, io: StoreTaskIo, { compute, datasets, arrays, late }: TaskRunners): Promise<void> {
  const known = asKnownTask(task);
  const { dataset: params, seed, recipe } = known.lineage;
  const { cellId } = known.cells[0]!;
  const source = (): Promise<string> => io.sourcePath(params.digest);
  const decoded = await datasets.get({ params, seed, source, cellId, signal: AbortSignal.any([io.signal, late]) });
  if (recipe.kind === 'import' && known.class === 'train') return importWeights(known, recipe, decoded.data, io);
  const plugins = await Promise.all(pluginsOfTask(known).map((used) => io.plugin(used)));
  const document = documentOf(known, decoded, { arrays, plugins });
  if (document === undefined) throw new TypeError(`task ${task.taskId} has nothing to compute`);
  const { science } = await compute.start();
  const other = otherScience(document.science, science);
  if (other !== undefined) throw otherProgram(`task ${task.taskId} needs ${other}`);
  return compute.run(document, io);
}

const otherProgram = (message: string, cause?: Error): OlderProgramError =>
  new OlderProgramError(
    `${message}. Remedy: use a compute program of the same version as the orchestrator that planned the sweep`,
    {
      cause,
    },
  );
