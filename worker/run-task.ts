/** Runs one task from its document to committed cells: the only door from the worker's processes into the science. */
import type { TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { otherScience } from '@ncsweep/protocol/compute/other-science';
import { arrayDataset } from './data/array-dataset.ts';
import { importPlugins } from './plugin/plugin-functions.ts';
import { tensorFlowScience } from './science.ts';
import { evaluateTask } from './evaluate-task.ts';
import { asTaskFailure } from './task-failures.ts';
import { RefusedTaskError, type TaskIo } from './task-io.ts';
import { trainTask } from './train-task.ts';

/** @throws TaskFailure whose class decides between retry and parking, RefusedTaskError */
export async function runTask(task: TaskDocument, io: TaskIo): Promise<void> {
  const other = otherScience(task.science, tensorFlowScience);
  if (other !== undefined) throw new RefusedTaskError(`the task needs ${other}`);
  try {
    const functions = await importPlugins(task.plugins ?? []);
    const dataset = await arrayDataset(task.data);
    if (task.kind === 'evaluate') await evaluateTask(task, dataset, io, functions);
    else await trainTask(task, dataset, io, functions);
  } catch (error) {
    throw asTaskFailure(error, task.cells[0]!.cellId);
  }
}
