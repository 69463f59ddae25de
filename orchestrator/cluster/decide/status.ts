/**
 * The status of a Sweep from what was observed. Pure; bounded in size; equal observations give equal statuses, so few are written.
 */
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import type { EngineStatus } from '../../engine/queue/sweep-engine.ts';
import type { Placed } from '../stores/store-policy.ts';
import type { Admission, Admitted, Counted } from './admit.ts';
import { retryOf, type ReportObserved } from './report.ts';
import { isSuspended } from './stage.ts';
import { scienceFacts } from './science.ts';
import type { SweepResource } from './sweep-resource.ts';

export interface Readiness {
  /** undefined: not known yet. */
  readonly ready: boolean | undefined;
  readonly reason: string;
  readonly message: string;
}

export interface PoolObserved {
  readonly class: 'train' | 'evaluate';
  readonly waves: number;
  readonly wanted: number;
  /** Workers that hold a task. */
  readonly workers: number;
  /** Workers failed to start working so often that no more are started. */
  readonly gaveUp?: boolean;
  /** Why pods do not run, in the cluster's own words. */
  readonly problem?: { readonly reason: string; readonly message: string } | undefined;
}

export interface SweepName {
  readonly namespace: string;
  readonly name: string;
}

export interface Observed {
  readonly resource: SweepResource;
  /** undefined while the plan is being made. */
  readonly admission: Admission | undefined;
  readonly store: Readiness;
  readonly stream: Readiness;
  /** undefined until the store's contents have been read. */
  readonly engine: EngineStatus | undefined;
  readonly pools: readonly PoolObserved[];
  readonly report: ReportObserved;
  /** Where its results are kept. */
  readonly place: Placed;
  /** The name of another Sweep, by its uid. */
  readonly nameOf: (uid: string) => SweepName | undefined;
  readonly nowMs: number;
}

type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

const mostFailures = 10;
/** At most this many of the Sweeps that it waits for are named. */
const mostNamed = 3;
const longestMessage = 4000;
const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

const says = (type: Condition['type'], truth: boolean | undefined, reason: string, message = ''): Verdict => ({
  type,
  reason,
  message: short(message, longestMessage),
  status: truth === undefined ? 'Unknown' : truth ? 'True' : 'False',
});

function planned({ admission, resource }: Observed): Verdict {
  if (admission === undefined) {
    const before = resource.status?.conditions?.find(({ type }) => type === 'Planned');
    // A Sweep that a person cancelled is not planned again.
    if (resource.spec.cancelled === true && before !== undefined) return before;
    return says('Planned', undefined, 'Planning', 'the plan is being made');
  }
  if (admission.kind === 'refused') return says('Planned', false, admission.reason, admission.message);
  if (admission.kind === 'waiting') return says('Planned', undefined, 'WaitsForRoom', admission.message);
  const { trials, trainings, cells } = sizeOf(admission);
  return says('Planned', true, 'Planned', `${trials} trials from ${trainings} trainings, ${cells} cells`);
}

/** No worker is working, and no class that has tasks gets workers any more. */
function hasGivenUp({ pools, engine }: Observed): boolean {
  const wanted = pools.filter((pool) => pool.wanted > 0);
  return engine?.active === false && wanted.length > 0 && wanted.every((pool) => pool.gaveUp === true);
}

/** A Sweep that is already complete can no longer be cancelled. */
const wasComplete = ({ status }: SweepResource): boolean =>
  status?.conditions?.some(({ type, status: truth }) => type === 'Complete' && truth === 'True') === true;

type Ending = 'AllCommitted' | 'ParkedCells' | 'Cancelled' | 'DeadlineExceeded' | 'WorkersCrashing';

/** Why the sweep is over; undefined while it is not. */
function ending(observed: Observed): Ending | undefined {
  const { resource, engine } = observed;
  if (resource.spec.cancelled === true) return wasComplete(resource) ? 'AllCommitted' : 'Cancelled';
  if (engine?.finished === true) return engine.parked.size + engine.stuck.size > 0 ? 'ParkedCells' : 'AllCommitted';
  if (isTooLate(observed)) return 'DeadlineExceeded';
  return hasGivenUp(observed) ? 'WorkersCrashing' : undefined;
}

/** The deadline counts from when the spec was first accepted, which the status records for any leader. */
function isTooLate({ resource, nowMs }: Observed): boolean {
  const limit = resource.spec.execution?.activeDeadlineSeconds;
  const accepted = resource.status?.conditions?.find(({ type, status }) => type === 'Planned' && status === 'True');
  return limit !== undefined && accepted !== undefined && nowMs - Date.parse(accepted.lastTransitionTime) >= limit * 1000;
}

/** Why nothing can run yet; undefined when something can. */
function hindrance({ resource, admission, store, stream, engine }: Observed): string | undefined {
  if (admission?.kind === 'refused') return 'the spec was refused';
  if (isSuspended(resource)) return 'suspended';
  if (admission?.kind === 'waiting') return admission.message;
  if (admission?.kind !== 'admitted') return 'the plan is being made';
  if (store.ready !== true) return 'waits for the store: see StoreReady';
  if (stream.ready !== true) return 'waits for NATS: see StreamReady';
  return engine === undefined ? 'reads what the store has of its cells' : undefined;
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
  const { engine, pools } = observed;
  if (ending(observed) !== undefined) return says('Progressing', false, 'Finished');
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

function verdicts(observed: Observed): Verdict[] {
  const { resource, store, stream, engine } = observed;
  const end = ending(observed);
  const failed = end !== undefined && end !== 'AllCommitted';
  const why = resource.spec.suspend === true ? 'BySpec' : 'ByScaleToZero';
  return [
    planned(observed),
    says('StoreReady', store.ready, store.reason, store.message),
    says('StreamReady', stream.ready, stream.reason, stream.message),
    progressing(observed),
    isSuspended(resource) ? says('Suspended', true, why) : says('Suspended', false, 'Active'),
    says(
      'Complete',
      end === 'AllCommitted',
      end === 'AllCommitted' ? 'AllCommitted' : engine && engine.counts.blocked > 0 ? 'Blocked' : 'InProgress',
    ),
    says('Failed', failed, failed ? end : 'None', failed ? failureText(observed, end) : ''),
    reportReady(observed),
  ];
}

function failureText({ engine, pools, resource }: Observed, end: Ending): string {
  if (end === 'WorkersCrashing') {
    const problem = pools.find((pool) => pool.gaveUp === true)?.problem?.message ?? '';
    const { name, namespace } = resource.metadata;
    const then = `When that is mended, \`ncsweep retry ${name} --failed -n ${namespace}\` goes on, and so does an edit`;
    return `the workers of several Jobs in succession did not come to work. The last one: ${problem}. ${then}`;
  }
  const parked = [...(engine?.parked ?? []), ...(engine?.stuck ?? [])];
  return parked.length > 0 ? `${parked.length} cells have no result: ${parked[0]![1]}` : '';
}

const reportReady = ({ report }: Pick<Observed, 'report'>): Verdict =>
  says('ReportReady', report.reason === 'Written', report.reason, report.message);

function phaseOf(observed: Observed): string {
  const { resource, admission, engine } = observed;
  const end = ending(observed);
  if (end === 'AllCommitted') return 'Complete';
  if (end === 'Cancelled') return 'Cancelled';
  if (end !== undefined) return 'Failed';
  if (admission?.kind === 'refused') return 'Invalid';
  if (isSuspended(resource)) return 'Suspended';
  return engine?.active === true ? 'Running' : 'Pending';
}

/** Rounded to two digits, so that the estimate is not rewritten every second. */
const coarse = (seconds: number): number => (seconds < 10 ? Math.ceil(seconds) : Number(seconds.toPrecision(2)));

function etaText(seconds: number): string {
  if (seconds < 90) return `~${Math.max(10, Math.ceil(seconds / 10) * 10)}s`;
  if (seconds < 5400) return `~${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `~${Math.round(seconds / 3600)}h` : `~${Math.round(seconds / 86_400)}d`;
}

function dated(verdict: Verdict, { metadata, status }: SweepResource, nowMs: number): Condition {
  const old = status?.conditions?.find(({ type }) => type === verdict.type);
  const lastTransitionTime = old?.status === verdict.status ? old.lastTransitionTime : new Date(nowMs).toISOString();
  return { ...verdict, observedGeneration: metadata.generation, lastTransitionTime };
}

/** When a Sweep ended; undefined while it has not. */
export function endedMs({ status }: SweepResource): number | undefined {
  const ended = status?.conditions?.find(
    ({ type, status: truth }) => (type === 'Complete' || type === 'Failed') && truth === 'True',
  );
  return ended && Date.parse(ended.lastTransitionTime);
}

/** The status of a Sweep that is over: only its report can still change. */
export function statusAfterEnd(resource: SweepResource, report: ReportObserved, nowMs: number): SweepStatus {
  const ready = dated(reportReady({ report }), resource, nowMs);
  const conditions = (resource.status?.conditions ?? []).map((each) => (each.type === 'ReportReady' ? ready : each));
  return { ...resource.status, conditions, ...(report.report === undefined ? {} : { report: report.report }) };
}

export function statusOf(observed: Observed): SweepStatus {
  const { resource, engine, pools, nowMs } = observed;
  const { generation } = resource.metadata;
  const conditions = verdicts(observed).map((verdict) => dated(verdict, resource, nowMs));
  const telling = ['Failed', 'Complete', 'Suspended', 'Progressing'] as const;
  const main = telling.map((type) => conditions.find((c) => c.type === type && c.status === 'True')).find(Boolean);
  const refused = conditions.find((c) => c.type === 'Planned' && c.status === 'False');
  const over = ending(observed) !== undefined;
  return {
    observedGeneration: generation,
    phase: phaseOf(observed),
    reason: (refused ?? main ?? conditions.find((c) => c.type === 'Progressing'))!.reason,
    ...(observed.place.kind === 'allowed' ? { store: observed.place.store.location } : {}),
    ...(retryOf(resource) === '' ? {} : { retried: retryOf(resource) }),
    ...planFacts(observed),
    ...scienceFacts(resource, observed.admission),
    ...(engine === undefined ? {} : engineFacts(engine, over)),
    replicas: pools.reduce((sum, pool) => sum + pool.wanted, 0),
    selector: `ncsweep.dev/sweep-uid=${resource.metadata.uid}`,
    ...(observed.report.report === undefined ? {} : { report: observed.report.report }),
    pools: pools.map(({ class: taskClass, waves, wanted, workers }) => ({ class: taskClass, waves, wanted, workers })),
    conditions,
  };
}

interface Size {
  readonly trials: number;
  readonly trainings: number;
  readonly cells: number;
}

function sizeOf(admission: Admitted | Counted): Size {
  if (admission.kind === 'counted') {
    const { trials, trainings, cells } = admission.counts;
    return { trials, trainings, cells: cells.snapshot + cells.evaluate };
  }
  const { trials, trainings, cells } = admission.plan;
  return { trials, trainings: trainings.length, cells: cells.size };
}

/** Only an engine knows how many trials are done; without one, the last count for this number of trials stays. */
function planFacts({ admission, engine, resource }: Observed): SweepStatus {
  if (admission === undefined || admission.kind === 'refused' || admission.kind === 'waiting') return {};
  const { trials } = sizeOf(admission);
  const said = resource.status?.trials;
  const done = engine === undefined && said?.endsWith(`/${trials}`) === true ? said : `${engine?.trialsDone ?? 0}/${trials}`;
  if (admission.kind === 'counted') return { backend: admission.backend, trials: done };
  const { planDigest, backend } = admission.plan;
  return { planDigest, backend, trials: done };
}

function engineFacts({ counts, etaSeconds, parked, stuck, queued }: EngineStatus, over: boolean): SweepStatus {
  const { total, running, done, cached, blocked } = counts;
  const failures = [...parked, ...stuck].slice(0, mostFailures).map(([cellId, text]) => {
    const [failureClass = 'unknown', ...words] = text.split(': ');
    return { cellId, class: short(failureClass, 32), message: short(words.join(': '), 500) };
  });
  const seconds = over ? 0 : coarse(etaSeconds);
  return {
    counters: {
      cells: total,
      ready: queued.train + queued.evaluate,
      running,
      done: done + cached,
      cached,
      blocked,
      parked: parked.size + stuck.size,
    },
    eta: { seconds, low: coarse(seconds / 3), high: coarse(seconds * 3), text: over ? '' : etaText(seconds) },
    failures,
  };
}
