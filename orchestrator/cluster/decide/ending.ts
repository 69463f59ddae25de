/** Whether a Sweep is over, and why. Pure. */
import type { Observed } from './observed.ts';

export type Ending = 'AllCommitted' | 'ParkedCells' | 'Cancelled' | 'DeadlineExceeded' | 'WorkersCrashing';

/** Why the sweep is over; undefined while it is not. */
export function endingOf(observed: Observed): Ending | undefined {
  const { resource, engine } = observed;
  if (resource.spec.cancelled === true) return 'Cancelled';
  if (engine?.finished === true) return engine.parked.size + engine.stuck.size > 0 ? 'ParkedCells' : 'AllCommitted';
  if (isTooLate(observed)) return 'DeadlineExceeded';
  return hasGivenUp(observed) ? 'WorkersCrashing' : undefined;
}

/** No worker is working, and no class that has tasks gets workers any more. */
function hasGivenUp({ pools = [], engine }: Observed): boolean {
  const wanted = pools.filter((pool) => pool.wanted > 0);
  return engine?.active === false && wanted.length > 0 && wanted.every((pool) => pool.gaveUp === true);
}

/** The deadline counts from when the spec was first accepted, which the status records for any leader. */
function isTooLate({ resource, nowMs }: Observed): boolean {
  const limit = resource.spec.execution?.activeDeadlineSeconds;
  const accepted = resource.status?.conditions?.find(({ type, status }) => type === 'Planned' && status === 'True');
  return limit !== undefined && accepted !== undefined && nowMs - Date.parse(accepted.lastTransitionTime) >= limit * 1000;
}
