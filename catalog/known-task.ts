/** A task whose parts are in this catalog: what a worker of ours can run. The protocol's tasks name any parts. */
import { task, type Task } from '@ncsweep/protocol/messages';
import { z } from 'zod';
import { backendName } from './backends.ts';
import { evaluateVersions, snapshotVersions, type CellVersions } from './cell.ts';
import { evaluateParams, lineage } from './params.ts';

const [snapshot, evaluate] = task.shape.cells.element.options;

export const knownTask = task.extend({
  lineage,
  cells: z.array(z.discriminatedUnion('kind', [snapshot, evaluate.extend({ params: evaluateParams })])).min(1),
  numerics: task.shape.numerics.extend({ backend: backendName }),
});
export type KnownTask = z.infer<typeof knownTask>;
export type KnownCell = KnownTask['cells'][number];

/** Thrown for a task with a part, or a parameter of one, that is not in this catalog; names it. */
export class UnknownPartError extends Error {
  override readonly name = 'UnknownPartError';
}

/** @throws UnknownPartError */
export function asKnownTask(message: Task): KnownTask {
  const parsed = knownTask.safeParse(message);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UnknownPartError(
    `task ${message.taskId}: this worker does not know its ${issue?.path.join('.') || 'parts'} (${issue?.message ?? 'invalid'}). ` +
      'Remedy: use workers of the version that planned the sweep, then retry its cells',
  );
}

/** Science versions in the id of one of a task's cells. @throws UnknownPartError */
export function versionsInTask(message: Task, cellId: string): CellVersions {
  const { lineage: trained, cells } = asKnownTask(message);
  const cell = cells.find((each) => each.cellId === cellId);
  return cell?.kind === 'evaluate' ? evaluateVersions(cell.params.attack) : snapshotVersions(trained);
}
