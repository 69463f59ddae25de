/**
 * What a complete Sweep was asked for. An edit that asks for nothing else leaves it complete, so that nothing is planned, run or
 * reported again, and its status goes on saying what is so. Pure.
 */
import { digestOf } from '@ncsweep/protocol/canonical';
import type { SweepStatus } from '@ncsweep/protocol/status';
import type { SweepResource } from './sweep-resource.ts';

/** Fields that say how a Sweep is run and kept, and mean nothing for results that are there. */
const ofRunning = new Set(['suspend', 'cancelled', 'deletionPolicy', 'ttlSecondsAfterFinished']);

/** Changes with everything that a Sweep asks for. */
function askedDigest({ spec }: SweepResource): string {
  const asked = Object.entries(spec).filter(([name]) => !ofRunning.has(name) && name !== 'execution');
  const execution = Object.entries(spec.execution ?? {}).filter(([name]) => name !== 'parallelism');
  return digestOf({ ...Object.fromEntries(asked), execution: Object.fromEntries(execution) });
}

const isTrue = ({ conditions = [] }: SweepStatus, wanted: 'Complete' | 'Failed'): boolean =>
  conditions.some(({ type, status }) => type === wanted && status === 'True');

/** Whether the Sweep was complete, and asks for nothing else now. */
export function isStillComplete(resource: SweepResource): boolean {
  const { metadata, status = {} } = resource;
  if (!isTrue(status, 'Complete')) return false;
  return status.observedGeneration === metadata.generation || status.completed?.digest === askedDigest(resource);
}

/** Whether the Sweep failed, and was not edited since. */
export const isStillFailed = ({ metadata, status = {} }: SweepResource): boolean =>
  isTrue(status, 'Failed') && status.observedGeneration === metadata.generation;

/** What a Sweep that is complete, or becomes so now, was asked for, and since which generation. */
export function completedOf(resource: SweepResource): NonNullable<SweepStatus['completed']> {
  const { metadata, status } = resource;
  const digest = askedDigest(resource);
  return status?.completed?.digest === digest ? status.completed : { digest, generation: metadata.generation };
}
