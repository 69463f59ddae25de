/** A task whose parts are in this catalog: what a worker of ours can run. The protocol's tasks name any parts. */
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { task, type Task } from '@ncsweep/protocol/messages';
import { z } from 'zod';
import { backendName } from './backends.ts';
import { evaluateParams, lineage } from './params.ts';

const [snapshot, evaluate] = task.shape.cells.element.options;

export const knownTask = task.extend({
  lineage,
  cells: z.array(z.discriminatedUnion('kind', [snapshot, evaluate.extend({ params: evaluateParams })])).min(1),
  numerics: task.shape.numerics.extend({ backend: backendName }),
});
export type KnownTask = z.infer<typeof knownTask>;
export type KnownCell = KnownTask['cells'][number];

/** @throws InvalidInputError for a part, or a parameter of one, that is not in this catalog */
export function asKnownTask(message: Task): KnownTask {
  const parsed = knownTask.safeParse(message);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new InvalidInputError(
    `task ${message.taskId}: this worker does not know its ${issue?.path.join('.') || 'parts'} (${issue?.message ?? 'invalid'}). ` +
      'Remedy: use workers of the version that planned the sweep, then retry its cells',
  );
}
