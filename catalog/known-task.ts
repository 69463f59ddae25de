/** A task whose parts are all in this catalog, so that our workers can run it. The protocol's tasks may name any parts. */
import { task, type Task } from '@ncsweep/protocol/messages';
import { z } from 'zod';
import { backendName } from './backends.ts';
import { evaluateCell, evaluateVersions, snapshotCell, snapshotVersions, type CellVersions } from './cell.ts';
import { evaluateParams, lineage } from './params.ts';

const [snapshot, evaluate] = task.shape.cells.element.options;

export const knownTask = task.extend({
  lineage,
  cells: z.array(z.discriminatedUnion('kind', [snapshot, evaluate.extend({ params: evaluateParams })])).min(1),
  numerics: task.shape.numerics.extend({ backend: backendName }),
});
export type KnownTask = z.infer<typeof knownTask>;
export type KnownCell = KnownTask['cells'][number];

/** Thrown for a task with a part or parameter that is not in this catalog; names it. */
export class UnknownPartError extends Error {
  override readonly name = 'UnknownPartError';
}

/** @throws UnknownPartError */
export function asKnownTask(message: Task): KnownTask {
  const parsed = knownTask.safeParse(message);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UnknownPartError(
    `task ${message.taskId}: this worker does not know its ${issue?.path.join('.') || 'parts'} (${issue?.message ?? 'invalid'})`,
  );
}

/** The id that this program computes for a cell of a task. Fields that it does not know are left out of it. */
export function idInTask({ lineage: trained, numerics }: KnownTask, cell: KnownCell): string {
  if (cell.kind === 'snapshot') return snapshotCell({ ...trained, epoch: cell.epoch }, numerics.backend).cellId;
  return evaluateCell(cell.params, cell.inputs, numerics).cellId;
}

export interface TaskVersions {
  /** Versions in the ids of the snapshots that the task makes or measures. */
  readonly snapshot: CellVersions;
  /** Versions in the ids of its evaluations, which all use the same attack. */
  readonly evaluate?: CellVersions;
}

/** Science versions of this program for a task. */
export function versionsOfTask({ lineage: trained, cells }: KnownTask): TaskVersions {
  const snapshot = snapshotVersions(trained);
  const [cell] = cells;
  return cell?.kind === 'evaluate' ? { snapshot, evaluate: evaluateVersions(cell.params.attack) } : { snapshot };
}
