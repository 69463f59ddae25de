/** A task whose parts are all in this catalog, so that our workers can run it. The protocol's tasks may name any parts. */
import { task, type Task } from '@ncsweep/protocol/messages';
import { z } from 'zod';
import { backendName } from './backends.ts';
import { evaluateCell, evaluateVersions, snapshotCell, snapshotVersions } from './cell.ts';
import { type EvaluateParams, evaluateParams, type Lineage, lineage } from './params.ts';

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

/** In the ids of the snapshots that a task makes or measures, and of its evaluations, which all use the same attack. */
export type TaskVersions = NonNullable<Task['scienceVersions']>;

/** What of a task its versions depend on. */
interface Versioned {
  readonly lineage: Lineage;
  readonly cells: readonly ({ readonly kind: 'snapshot' } | { readonly kind: 'evaluate'; readonly params: EvaluateParams })[];
}

/** Science versions of this program for a task. */
export function versionsOfTask({ lineage: trained, cells }: Versioned): TaskVersions {
  const snapshot = { ...snapshotVersions(trained) };
  const [cell] = cells;
  return cell?.kind === 'evaluate' ? { snapshot, evaluate: { ...evaluateVersions(cell.params.attack) } } : { snapshot };
}
