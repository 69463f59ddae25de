/**
 * Checks that this program computes a task the way the task's ids say. During an upgrade two versions of the science meet: pods of the
 * old image and tasks of the new orchestrator, or the reverse. A number stored under an id of the other version would be wrong,
 * and nobody could tell.
 */
import type { CellVersions } from '@ncsweep/catalog/cell';
import {
  asKnownTask,
  idInTask,
  type KnownTask,
  type TaskVersions,
  UnknownPartError,
  versionsOfTask,
} from '@ncsweep/catalog/known-task';
import { changesText, type VersionChange } from '@ncsweep/catalog/sweep-versions';
import type { Task } from '@ncsweep/protocol/messages';

/** Thrown for a task planned by a newer version; this program must make way for one of that version. */
export class OlderProgramError extends Error {
  override readonly name = 'OlderProgramError';
}

/**
 * @returns a message for a task that an older version planned and that nobody computes any more; undefined for a task to compute
 * @throws OlderProgramError
 */
export function staleness(message: Task): string | undefined {
  const task = known(message);
  const differences = differencesOf(message, versionsOfTask(task));
  if (differences.length > 0) {
    const words = `task ${task.taskId} was planned under ${changesText(differences, 'this worker')}`;
    if (differences.some(({ before, now }) => before > now)) throw new OlderProgramError(`${words}. ${remedy}`);
    return `${words}. Remedy: upgrade the orchestrator to the version of its workers`;
  }
  const other = task.cells.find((cell) => idInTask(task, cell) !== cell.cellId);
  if (other === undefined) return undefined;
  throw new OlderProgramError(`cell ${other.cellId}: its task says things that this worker does not know. ${remedy}`);
}

const remedy = 'Remedy: run workers of the same version as the orchestrator that planned the sweep';

function known(message: Task): KnownTask {
  try {
    return asKnownTask(message);
  } catch (error) {
    if (error instanceof UnknownPartError) throw new OlderProgramError(`${error.message}. ${remedy}`, { cause: error });
    throw error;
  }
}

function differencesOf({ scienceVersions: asked }: Task, ours: TaskVersions): VersionChange[] {
  if (asked === undefined) return [];
  return [...compare(asked.snapshot, ours.snapshot), ...compare(asked.evaluate ?? {}, ours.evaluate ?? {})];
}

/** A part without a stated version has version 1. */
function compare(asked: CellVersions, ours: CellVersions): VersionChange[] {
  const names = new Set([...Object.keys(asked), ...Object.keys(ours)]);
  return [...names]
    .map((name) => ({ name, before: asked[name] ?? 1, now: ours[name] ?? 1 }))
    .filter(({ before, now }) => before !== now);
}
