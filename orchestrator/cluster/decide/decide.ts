/** One pass's decision about one Sweep: from what is seen to the steps to take and the one status to write after them. Pure. */
import type { SweepStatus } from '@ncsweep/protocol/status';
import { reportJob, reportOptions, type ReportTemplate } from '../jobs/report-job.ts';
import { isForbidden } from './admit.ts';
import { deletionSteps, finalizerSteps, losesResults, type DeletionSeen } from './deletion.ts';
import { decidePools, type PoolsMemory, type PoolsSeen } from './pools.ts';
import { observeReport, reportUrl, standing, wantedReport, type ReportJob, type ReportObserved } from './report.ts';
import { isStopped, type Stage } from './stage.ts';
import type { Observed } from './observed.ts';
import { endedMs, statusAfterEnd, statusOf } from './status.ts';
import type { Step } from './step.ts';

/** Everything that a pass sees of a Sweep. */
export interface Seen extends Omit<Observed, 'pools' | 'report'> {
  readonly stage: Stage;
  /** The install's id. */
  readonly install: string;
  readonly reportTemplate: ReportTemplate;
  /** The Job that writes a report, if there is one. */
  readonly reportJob: (key: string) => ReportJob | undefined;
  readonly waveNames: readonly string[];
  /** The names of wave and report Jobs. */
  readonly jobNames: readonly string[];
  readonly hasPods: boolean;
  /** The store's contents have been read, or are being read. */
  readonly hasEngine: boolean;
  /** The store answers, and no results are being deleted there. */
  readonly canOpen: boolean;
  /** Set while the Sweep runs. */
  readonly pools: PoolsSeen | undefined;
  readonly deletion: DeletionSeen;
  /** How long deleting a Sweep's results may delay the removal of its object. */
  readonly deletionLimitMs: number;
}

export interface Decision {
  readonly steps: readonly Step[];
  /** Written if it differs from the last one written; undefined: nothing is written. */
  readonly status?: SweepStatus;
  /** What to remember about the pools; undefined: no change. */
  readonly memory?: PoolsMemory;
  /** Whether its workers are known to be unable to work; undefined: not checked. */
  readonly isTroubled?: boolean;
  /** When to look again if nothing happens. */
  readonly againMs: number;
}

const soonMs = 1_000;
/** Used where only a person or a store can change anything: both wake the Sweep. */
const calmMs = 10_000;

export function decide(seen: Seen): Decision {
  switch (seen.stage) {
    case 'deleting':
      return { steps: [...stopSteps(seen), ...deletionSteps(seen)], againMs: soonMs };
    case 'leaving':
      return { steps: leavingSteps(seen), againMs: soonMs };
    case 'over':
      return decideOver(seen);
    case 'refused':
    case 'cancelled':
    case 'suspended':
    case 'planning':
    case 'waiting':
    case 'running':
      return decideLive(seen);
    default:
      return seen.stage satisfies never;
  }
}

/**
 * Kubernetes deletes the other objects of a namespace only when its pods are gone. It keeps the last failed pod of each index of a
 * Job until another replaces it (`backoffLimitPerIndex`), which cannot be created in this namespace any more; deleting the Job
 * releases the pod.
 */
function leavingSteps({ jobNames, hasEngine }: Seen): Step[] {
  const ends: Step[] = jobNames.map((name) => ({ kind: 'delete-job', name }));
  return hasEngine ? [...ends, { kind: 'let-go' }] : ends;
}

/** What is left to do for a Sweep that is over: end its pods, write its report, and remove it in due time. */
function decideOver(seen: Seen): Decision {
  const { report, steps: reportSteps } = decideReport(seen);
  const steps = [...finalizerSteps(seen.resource), ...stopSteps(seen), ...reportSteps];
  const status = statusAfterEnd(seen.resource, report, seen.nowMs);
  // No report is awaited where the install does not allow one.
  const isPending = report.reason === 'Pending' && !isForbidden(seen.admission);
  const leftMs = isPending ? Infinity : timeToLiveMs(seen);
  if (leftMs <= 0) steps.push({ kind: 'delete-sweep' });
  const againMs = isPending || steps.length > 0 ? soonMs : Math.min(calmMs, Math.max(soonMs, leftMs));
  return { steps, status, againMs };
}

function decideLive(seen: Seen): Decision {
  const { report, steps: reportSteps } = decideReport(seen);
  const pools = seen.pools && decidePools(seen.pools);
  const opens = seen.stage === 'waiting' && seen.canOpen && !seen.hasEngine;
  const steps = [
    ...(pools?.steps ?? []),
    ...finalizerSteps(seen.resource),
    ...stopSteps(seen),
    ...reportSteps,
    ...(opens ? [{ kind: 'open-engine' } as const] : []),
  ];
  const status = statusOf({ ...seen, engine: currentEngine(seen), pools: pools?.pools, report });
  const isCalm = steps.length === 0 && (seen.stage === 'refused' || seen.stage === 'suspended');
  const againMs = isCalm ? calmMs : soonMs;
  if (pools === undefined) return { steps, status, againMs };
  const isTroubled = pools.pools.some(({ problem }) => problem !== undefined);
  return { steps, status, againMs, memory: pools.memory, isTroubled };
}

/** In other stages the engine belongs to an earlier or stopped plan, and says nothing about the Sweep as it is now. */
const currentEngine = ({ stage, engine }: Seen): Seen['engine'] =>
  stage === 'waiting' || stage === 'running' ? engine : undefined;

/** Ends its workers, and leaves its tasks to other sweeps. */
function stopSteps({ stage, resource, waveNames, jobNames, hasEngine, admission }: Seen): Step[] {
  if (!isStopped(stage, resource) && !isForbidden(admission)) return [];
  const names = stage === 'deleting' ? jobNames : waveNames;
  const last = losesResults(resource) ? ({ outlivesPods: true } as const) : {};
  const ends = names.map((name): Step => ({ kind: 'delete-job', name, ...last }));
  return hasEngine ? [...ends, { kind: 'let-go' }] : ends;
}

function decideReport(seen: Seen): { readonly report: ReportObserved; readonly steps: readonly Step[] } {
  const { resource, place, admission, install, reportTemplate } = seen;
  if (place.kind === 'refused' || isForbidden(admission)) return { report: standing(resource), steps: [] };
  const { store } = place;
  const key = wantedReport(resource);
  const job = key === undefined ? undefined : seen.reportJob(key);
  const report = observeReport(resource, job, reportUrl(store.location, resource.metadata.uid));
  if (key === undefined || job !== undefined || report.report?.key === key) return { report, steps: [] };
  const manifest = reportJob(reportOptions({ install, template: reportTemplate }, resource, { key, store }));
  return { report, steps: [{ kind: 'create-job', manifest }] };
}

/** Time left until the Sweep is removed, ms; Infinity: it stays. */
function timeToLiveMs({ resource, nowMs }: Seen): number {
  const { ttlSecondsAfterFinished } = resource.spec;
  const sinceMs = endedMs(resource);
  if (ttlSecondsAfterFinished === undefined || sinceMs === undefined) return Infinity;
  return sinceMs + ttlSecondsAfterFinished * 1000 - nowMs;
}
