/**
 * The status of a Sweep from what was observed. Pure; bounded in size; equal observations give equal statuses, so few are written.
 * It is written as a whole: what it leaves out is not said any more.
 */
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import { isForbidden } from './admit.ts';
import { completedOf, isStillComplete } from './completed.ts';
import { isWorking, reportReady, suspendedAfterEnd, verdictsOf } from './conditions.ts';
import { endingOf } from './ending.ts';
import type { Observed } from './observed.ts';
import { progressOf } from './progress.ts';
import { retryOf, type ReportObserved } from './report.ts';
import { isSuspended } from './stage.ts';
import { scienceFacts } from './science.ts';
import type { SweepResource } from './sweep-resource.ts';

/** Its workers were told to end. */
const isStopped = (observed: Observed): boolean =>
  endingOf(observed) !== undefined || isSuspended(observed.resource) || isForbidden(observed.admission);

function phaseOf(observed: Observed): string {
  const { resource, admission } = observed;
  const end = endingOf(observed);
  if (end === 'AllCommitted') return 'Complete';
  if (end === 'Cancelled') return 'Cancelled';
  if (end !== undefined) return 'Failed';
  if (admission?.kind === 'refused') return 'Invalid';
  if (isSuspended(resource)) return 'Suspended';
  return isWorking(observed) ? 'Running' : 'Pending';
}

function dated(
  verdict: Omit<Condition, 'observedGeneration' | 'lastTransitionTime'>,
  of: SweepResource,
  nowMs: number,
): Condition {
  const old = of.status?.conditions?.find(({ type }) => type === verdict.type);
  const lastTransitionTime = old?.status === verdict.status ? old.lastTransitionTime : new Date(nowMs).toISOString();
  return { ...verdict, observedGeneration: of.metadata.generation, lastTransitionTime };
}

/** When a Sweep ended; undefined while it has not. */
export function endedMs({ status }: SweepResource): number | undefined {
  const ended = status?.conditions?.find(
    ({ type, status: truth }) => (type === 'Complete' || type === 'Failed') && truth === 'True',
  );
  return ended && Date.parse(ended.lastTransitionTime);
}

/** The status of a Sweep that is over: only its report can still change, and edits that leave it complete. */
export function statusAfterEnd(resource: SweepResource, report: ReportObserved, nowMs: number): SweepStatus {
  const { generation } = resource.metadata;
  const changed = [reportReady({ report }), suspendedAfterEnd(resource)].map((verdict) => dated(verdict, resource, nowMs));
  const conditions = (resource.status?.conditions ?? []).map(
    (before) => changed.find(({ type }) => type === before.type) ?? { ...before, observedGeneration: generation },
  );
  return {
    ...resource.status,
    observedGeneration: generation,
    ...(isStillComplete(resource) ? { completed: completedOf(resource) } : {}),
    conditions,
    ...(report.report === undefined ? {} : { report: report.report }),
  };
}

export function statusOf(observed: Observed): SweepStatus {
  const { resource, nowMs } = observed;
  const conditions = verdictsOf(observed).map((verdict) => dated(verdict, resource, nowMs));
  const telling = ['Failed', 'Complete', 'Suspended', 'Progressing'] as const;
  const main = telling.map((type) => conditions.find((c) => c.type === type && c.status === 'True')).find(Boolean);
  const refused = conditions.find((c) => c.type === 'Planned' && c.status === 'False');
  return {
    observedGeneration: resource.metadata.generation,
    phase: phaseOf(observed),
    reason: (refused ?? main ?? conditions.find((c) => c.type === 'Progressing'))!.reason,
    ...(observed.place.kind === 'allowed' ? { store: observed.place.store.location } : {}),
    ...(retryOf(resource) === '' ? {} : { retried: retryOf(resource) }),
    ...(endingOf(observed) === 'AllCommitted' ? { completed: completedOf(resource) } : {}),
    ...progressOf(observed, isStopped(observed) ? 'stopped' : isWorking(observed) ? 'working' : 'idle'),
    ...scienceFacts(resource, observed.admission),
    selector: `ncsweep.dev/sweep-uid=${resource.metadata.uid}`,
    ...(observed.report.report === undefined ? {} : { report: observed.report.report }),
    ...poolFacts(observed),
    conditions,
  };
}

/** Where nobody looked, workers that were not told to end go on. */
function poolFacts(observed: Observed): Pick<SweepStatus, 'replicas' | 'pools'> {
  const { pools, resource } = observed;
  if (pools === undefined && !isStopped(observed)) {
    const { replicas = 0, pools: before = [] } = resource.status ?? {};
    return { replicas, pools: before };
  }
  return {
    replicas: (pools ?? []).reduce((sum, { alive }) => sum + alive, 0),
    pools: (pools ?? []).map(({ class: taskClass, waves, wanted, workers }) => ({ class: taskClass, waves, wanted, workers })),
  };
}
