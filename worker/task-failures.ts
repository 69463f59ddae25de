/** Which failures of a task the errors of its parts are. */
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import { NonFiniteFeaturesError } from '@ncsweep/collapse/features';
import { BadDataError } from './data/dataset.ts';
import { WeightsMismatchError } from './model/weights-file.ts';
import { classifyError } from './classify-failure.ts';
import { PluginError } from './plugin/plugin-error.ts';
import { TaskFailure } from './task-io.ts';

/** @param cellId of the task's first cell */
export function asTaskFailure(error: unknown, cellId: string): unknown {
  if (error instanceof BadDataError || error instanceof InvalidFilesError)
    return new TaskFailure('badData', cellId, error.message, { cause: error });
  if (error instanceof PluginError) {
    const failureClass = classifyError(error) === 'outOfMemory' ? 'outOfMemory' : 'userError';
    return new TaskFailure(failureClass, cellId, error.message, { cause: error });
  }
  if (error instanceof WeightsMismatchError) return new TaskFailure('userError', cellId, error.message, { cause: error });
  if (error instanceof NonFiniteFeaturesError) return new TaskFailure('nonFiniteLoss', cellId, error.message, { cause: error });
  return error;
}
