/**
 * How far a Sweep is. Where its queue is not known at the moment (its plan is being made, its store or NATS is silent, it is
 * suspended), what was last known of the same plan stays, except for what would be a claim about now. Pure.
 */
import type { SweepStatus } from '@ncsweep/protocol/status';
import type { EngineStatus } from '../../engine/queue/sweep-engine.ts';
import type { Admission, Admitted, Counted } from './admit.ts';
import type { Observed } from './observed.ts';

const mostFailures = 10;
export const short = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

interface Size {
  readonly trials: number;
  readonly trainings: number;
  readonly cells: number;
}

export function sizeOf(admission: Admitted | Counted): Size {
  if (admission.kind === 'counted') {
    const { trials, trainings, cells } = admission.counts;
    return { trials, trainings, cells: cells.snapshot + cells.evaluate };
  }
  const { trials, trainings, cells } = admission.plan;
  return { trials, trainings: trainings.length, cells: cells.size };
}

type Activity = 'working' | 'idle' | 'stopped';

/** @param activity whether workers work, and if not, whether they were told to end */
export function progressOf(observed: Observed, activity: Activity): SweepStatus {
  const { engine } = observed;
  return { ...planFacts(observed), ...(engine === undefined ? lastKnown(observed, activity) : engineFacts(engine, activity)) };
}

/** Whether the status speaks of the same cells. What a suspended Sweep was counted for has no digest. */
function isSamePlan(admission: Admission | undefined, before: SweepStatus): boolean {
  return admission?.kind !== 'admitted' || before.planDigest === undefined || before.planDigest === admission.plan.planDigest;
}

function planFacts({ admission, engine, resource }: Observed): SweepStatus {
  const before = resource.status ?? {};
  if (admission?.kind !== 'admitted' && admission?.kind !== 'counted') return kept(before, ['planDigest', 'backend', 'trials']);
  const { trials } = sizeOf(admission);
  const isKnown = isSamePlan(admission, before) && before.trials?.endsWith(`/${trials}`) === true;
  const done = engine?.trialsDone.toString() ?? (isKnown ? before.trials?.split('/')[0] : '?');
  const size = { trials: `${done}/${trials}` };
  if (admission.kind === 'counted') return { ...kept(before, ['planDigest']), backend: admission.backend, ...size };
  const { planDigest, backend } = admission.plan;
  return { planDigest, backend, ...size };
}

const kept = (before: SweepStatus, fields: readonly (keyof SweepStatus)[]): SweepStatus =>
  Object.fromEntries(fields.flatMap((field) => (before[field] === undefined ? [] : [[field, before[field]]])));

function lastKnown({ admission, resource }: Observed, activity: Activity): SweepStatus {
  const before = resource.status ?? {};
  const { counters } = before;
  if (counters === undefined || !isSamePlan(admission, before)) return {};
  const now = activity === 'stopped' ? { ready: 0, running: 0 } : {};
  return { ...kept(before, ['failures']), counters: { ...counters, ...now } };
}

function engineFacts({ counts, etaSeconds, parked, stuck, queued }: EngineStatus, activity: Activity): SweepStatus {
  const { total, running, done, cached, blocked } = counts;
  const failures = [...parked, ...stuck].slice(0, mostFailures).map(([cellId, text]) => {
    const [failureClass = 'unknown', ...words] = text.split(': ');
    return { cellId, class: short(failureClass, 32), message: short(words.join(': '), 500) };
  });
  const isStopped = activity === 'stopped';
  return {
    counters: {
      cells: total,
      ready: isStopped ? 0 : queued.train + queued.evaluate,
      running: isStopped ? 0 : running,
      done: done + cached,
      cached,
      blocked,
      parked: parked.size + stuck.size,
    },
    // The time that the rest takes says nothing about when it is there while nothing of it is computed.
    ...(activity === 'working' && etaSeconds !== undefined ? { eta: etaOf(etaSeconds) } : {}),
    failures,
  };
}

const etaOf = (seconds: number): NonNullable<SweepStatus['eta']> => ({
  seconds: coarse(seconds),
  low: coarse(seconds / 3),
  high: coarse(seconds * 3),
  text: etaText(coarse(seconds)),
});

/** Rounded to two digits, so that the estimate is not rewritten every second. */
const coarse = (seconds: number): number => (seconds < 10 ? Math.ceil(seconds) : Number(seconds.toPrecision(2)));

function etaText(seconds: number): string {
  if (seconds < 90) return `~${Math.max(10, Math.ceil(seconds / 10) * 10)}s`;
  if (seconds < 5400) return `~${Math.round(seconds / 60)}m`;
  return seconds < 172_800 ? `~${Math.round(seconds / 3600)}h` : `~${Math.round(seconds / 86_400)}d`;
}
