/** Runs one task from a message to committed cells: the only door from the worker's processes into the science. */
import type { ArrayRequest } from '@ncsweep/catalog/cell-arrays';
import { isMade } from '@ncsweep/catalog/datasets';
import { asKnownTask, type KnownTask } from '@ncsweep/catalog/known-task';
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import type { Task } from '@ncsweep/protocol/messages';
import { NonFiniteFeaturesError } from '@ncsweep/collapse/features';
import { BadDataError, type Dataset } from './data/dataset.ts';
import { openDataset } from './data/open-dataset.ts';
import { evaluateTask } from './evaluate-task.ts';
import { importWeightsTask } from './import-task.ts';
import { WeightsMismatchError } from './model/weights.ts';
import { TaskFailure, type TaskIo } from './task-io.ts';
import { trainTask } from './train-task.ts';

/** @param arrays that evaluations write beside their results @throws TaskFailure whose class decides between retry and parking */
export async function runTask(task: Task, io: TaskIo, arrays?: ArrayRequest): Promise<void> {
  try {
    const known = asKnownTask(task);
    const { recipe } = known.lineage;
    const dataset = await cachedDataset(known, io);
    if (known.class === 'evaluate') await evaluateTask(known, dataset, io, arrays);
    else if (recipe.kind === 'import') await importWeightsTask(known, recipe, dataset, io);
    else await trainTask(known, recipe, dataset, io);
  } catch (error) {
    throw asTaskFailure(error, task);
  }
}

function asTaskFailure(error: unknown, task: Task): unknown {
  const { cellId } = task.cells[0]!;
  if (error instanceof BadDataError || error instanceof InvalidFilesError)
    return new TaskFailure('badData', cellId, error.message, { cause: error });
  if (error instanceof WeightsMismatchError) return new TaskFailure('userError', cellId, error.message, { cause: error });
  if (error instanceof NonFiniteFeaturesError) return new TaskFailure('nonFiniteLoss', cellId, error.message, { cause: error });
  return error;
}

/** The last dataset opened; consecutive tasks of a worker mostly share it. */
let last: { key: string; dataset: Dataset } | undefined;

async function cachedDataset(task: KnownTask, io: TaskIo): Promise<Dataset> {
  const { dataset: params, seed } = task.lineage;
  const key = `${params.digest}/${JSON.stringify(params)}/${isMade(params) ? seed : ''}`;
  if (last?.key !== key) last = { key, dataset: await openDataset(params, seed, () => io.sourcePath(params.digest)) };
  return last.dataset;
}
