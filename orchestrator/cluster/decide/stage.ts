/**
 * The stage of a Sweep, from what is seen of it: the first of these that holds.
 *
 *   deleting    its object is being deleted
 *   leaving     its namespace is being deleted
 *   over        it ended, and nothing was asked of it since: an edit of how a complete Sweep is run asks for nothing
 *   refused     its spec is invalid, or names data that nobody has
 *   cancelled   spec.cancelled
 *   suspended   spec.suspend, or scaled to zero
 *   planning    its plan is being made, or waits for room
 *   waiting     its store or NATS does not answer, or the store's contents are being read
 *   running     its queue is filled and its pools are sized
 *
 * Any stage may follow any other except deleting and leaving: a person edits the spec, a store falls silent. Only an edit or a
 * retry leaves `over`. In deleting, leaving, over, cancelled and suspended, and in refused if it is also suspended or cancelled,
 * its workers are told to end and its queue is emptied; in planning and waiting the existing workers continue.
 */
import type { Admission } from './admit.ts';
import { isOver } from './report.ts';
import type { SweepResource } from './sweep-resource.ts';

export type Stage = 'deleting' | 'leaving' | 'over' | 'refused' | 'cancelled' | 'suspended' | 'planning' | 'waiting' | 'running';

export const isSuspended = ({ spec }: Pick<SweepResource, 'spec'>): boolean =>
  spec.suspend === true || spec.execution?.parallelism === 0;

/**
 * @param admission undefined: the plan is being made
 * @param canRun store and NATS answer, and the store's contents have been read
 * @param isEnding its namespace is being deleted
 */
export function stageOf(resource: SweepResource, admission: Admission | undefined, canRun: boolean, isEnding = false): Stage {
  if (resource.metadata.deletionTimestamp !== undefined) return 'deleting';
  if (isEnding) return 'leaving';
  if (isOver(resource)) return 'over';
  if (admission?.kind === 'refused') return 'refused';
  if (resource.spec.cancelled === true) return 'cancelled';
  if (isSuspended(resource)) return 'suspended';
  if (admission?.kind !== 'admitted') return 'planning';
  return canRun ? 'running' : 'waiting';
}

/** Whether no part of the Sweep may work. */
export const isStopped = (stage: Stage, resource: SweepResource): boolean =>
  stage === 'deleting' ||
  stage === 'leaving' ||
  stage === 'over' ||
  stage === 'cancelled' ||
  stage === 'suspended' ||
  (stage === 'refused' && (resource.spec.cancelled === true || isSuspended(resource)));
