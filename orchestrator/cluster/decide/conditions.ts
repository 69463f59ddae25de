/** What the conditions of a Sweep say. Pure. */
import type { Condition } from '@ncsweep/protocol/status';
import { isForbidden } from './admit.ts';
import { endingOf, type Ending } from './ending.ts';
import type { Observed } from './observed.ts';
import { short, sizeOf } from './progress.ts';
import { isSuspended } from './stage.ts';
import type { SweepResource } from './sweep-resource.ts';

type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** At most this many of the Sweeps that it waits for are named. */
const mostNamed = 3;
const longestMessage = 4000;

const says = (type: Condition['type'], truth: boolean | undefined, reason: string, message = ''): Verdict => ({
  type,
  reason,
  message: short(message, longestMessage),
  status: truth === undefined ? 'Unknown' : truth ? 'True' : 'False',
});

function planned({ admission, resource }: Observed): Verdict {
  if (admission === undefined) {
    if (resource.spec.cancelled !== true) return says('Planned', undefined, 'Planning', 'the plan is being made');
    // A Sweep that a person cancelled is not planned again.
    const before = resource.status?.conditions?.find(({ type, reason }) => type === 'Planned' && reason !== 'Planning');
    return before ?? says('Planned', undefined, 'NotPlanned', 'it was cancelled before it was planned');
  }
  if (admission.kind === 'refused') return says('Planned', false, admission.reason, admission.message);
  if (admission.kind === 'waiting') return says('Planned', undefined, 'WaitsForRoom', admission.message);
  const { trials, trainings, cells } = sizeOf(admission);
  return says('Planned', true, 'Planned', `${trials} trials from ${trainings} trainings, ${cells} cells`);
}

/** Why nothing can run yet; undefined when something can. */
function hindrance(observed: Observed): string | undefined {
  const { resource, admission, store, stream, engine, hasWorkers } = observed;
  if (admission?.kind === 'refused') return refusal(observed);
  if (isSuspended(resource)) return hasWorkers ? 'suspended; its workers write checkpoints and end' : 'suspended';
  if (admission?.kind === 'waiting') return admission.message;
  if (admission?.kind !== 'admitted') return 'the plan is being made';
  if (store.ready !== true) return 'waiting for the store: see StoreReady';
  if (stream.ready !== true) return 'waiting for NATS: see StreamReady';
  return engine === undefined ? 'reading which of its cells the store has' : undefined;
}

function refusal({ resource, admission, hasWorkers }: Observed): string {
  const continues = hasWorkers && !isForbidden(admission) && !isSuspended(resource);
  return continues ? 'the spec was refused; workers continue with the last one that was accepted' : 'the spec was refused';
}

/** Which Sweeps it waits for, when others hold all tasks that it could run now; those of other namespaces stay unnamed. */
function waitsFor({ resource, engine, nameOf }: Observed): string | undefined {
  if (engine === undefined || engine.heldBy.size === 0 || engine.queued.train + engine.queued.evaluate > 0) return undefined;
  const { namespace } = resource.metadata;
  const holders = [...engine.heldBy.keys()].map((uid) => nameOf(uid));
  const named = holders.flatMap((of) => (of?.namespace === namespace ? [`${of.namespace}/${of.name}`] : [])).sort();
  const shown = named.slice(0, mostNamed);
  const more = named.length > shown.length ? ` and ${named.length - shown.length} more` : '';
  const here = named.length === 0 ? [] : [`Sweep ${shown.join(', ')}${more}`];
  const elsewhere = named.length < holders.length ? ['a Sweep of another namespace'] : [];
  const whom = [...here, ...elsewhere].join(' and ');
  return `waits for ${whom}, which computes the same cells; if its workers cannot work, this Sweep computes them itself`;
}

function progressing(observed: Observed): Verdict {
  const { engine, pools = [] } = observed;
  if (endingOf(observed) !== undefined) return says('Progressing', false, 'Finished');
  const hinders = hindrance(observed);
  if (hinders !== undefined || engine === undefined) return says('Progressing', false, 'NothingReady', hinders);
  const problem = pools.find((pool) => pool.problem !== undefined)?.problem;
  if (engine.active) return says('Progressing', true, 'Running', problem?.reason === 'WaitingForQuota' ? problem.message : '');
  if (problem !== undefined) return says('Progressing', false, problem.reason, problem.message);
  const waits = waitsFor(observed);
  if (waits !== undefined) return says('Progressing', false, 'WaitsForSweep', waits);
  const { done, cached, total } = engine.counts;
  return says(
    'Progressing',
    false,
    'WaitingForWorkers',
    `${done + cached} of ${total} cells are done; no worker holds a task yet`,
  );
}

export const isWorking = (observed: Observed): boolean => progressing(observed).status === 'True';

function suspended({ spec, ...resource }: SweepResource): Verdict {
  if (!isSuspended({ ...resource, spec })) return says('Suspended', false, 'NotSuspended');
  return spec.suspend === true
    ? says('Suspended', true, 'BySpec', 'spec.suspend is true')
    : says('Suspended', true, 'ByScaleToZero', 'execution.parallelism is 0');
}

function complete(observed: Observed, end: Ending | undefined): Verdict {
  if (end === 'AllCommitted') return says('Complete', true, 'AllCommitted');
  if (end !== undefined) return says('Complete', false, 'Ended', 'it ended without all its results: see Failed');
  const blocked = observed.engine?.counts.blocked ?? 0;
  if (blocked > 0) return says('Complete', false, 'Blocked', `${blocked} cells depend on cells that failed for good`);
  return says('Complete', false, isWorking(observed) ? 'InProgress' : 'Incomplete');
}

/** A Sweep that is over can no longer be suspended. */
export const suspendedAfterEnd = (resource: SweepResource): Verdict =>
  isSuspended(resource)
    ? says('Suspended', false, 'Ended', 'it is over: nothing is left to suspend')
    : says('Suspended', false, 'NotSuspended');

export function verdictsOf(observed: Observed): Verdict[] {
  const { resource, store, stream } = observed;
  const end = endingOf(observed);
  const failed = end !== undefined && end !== 'AllCommitted';
  return [
    planned(observed),
    says('StoreReady', store.ready, store.reason, store.message),
    says('StreamReady', stream.ready, stream.reason, stream.message),
    progressing(observed),
    suspended(resource),
    complete(observed, end),
    says('Failed', failed, failed ? end : 'None', failed ? failureText(observed, end) : ''),
    reportReady(observed),
  ];
}

function failureText({ engine, pools = [], resource }: Observed, end: Ending): string {
  if (end === 'WorkersCrashing') {
    const problem = pools.find((pool) => pool.gaveUp === true)?.problem?.message ?? '';
    const { name, namespace } = resource.metadata;
    const then = `Once that is mended, \`ncsweep retry ${name} --failed -n ${namespace}\` continues the Sweep, and so does an edit`;
    return `the workers of several Jobs in succession never started working. The last one: ${problem}. ${then}`;
  }
  if (end === 'Cancelled') return 'spec.cancelled is true; existing results are kept';
  const parked = [...(engine?.parked ?? []), ...(engine?.stuck ?? [])];
  return parked.length > 0 ? `${parked.length} cells have no result: ${parked[0]![1]}` : '';
}

export const reportReady = ({ report }: Pick<Observed, 'report'>): Verdict =>
  says('ReportReady', report.reason === 'Written', report.reason, report.message);
