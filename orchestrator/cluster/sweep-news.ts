/** What people are told of a Sweep when its status changes: an event for `kubectl describe`. Pure. */
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';

export interface News {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Reasons for `Progressing` to be False although nothing is wrong. */
const calm = ['NothingReady', 'Finished', 'WaitsForSweep', 'WaitingForQuota', 'WaitingForWorkers'];

const conditionOf = ({ conditions = [] }: SweepStatus, wanted: Condition['type']): Condition | undefined =>
  conditions.find(({ type }) => type === wanted);

/** Why the workers are not working. */
export function troubleOf(status: SweepStatus): Condition | undefined {
  const found = conditionOf(status, 'Progressing');
  return found?.status === 'False' && !calm.includes(found.reason) ? found : undefined;
}

/** @param before what was last said of the Sweep; undefined: nothing @returns undefined where there is nothing new */
export function newsOf(before: SweepStatus | undefined, after: SweepStatus): News | undefined {
  if (before?.phase !== after.phase) return newsOfPhase(before, after);
  const trouble = troubleOf(after);
  if (trouble === undefined || trouble.reason === (before && troubleOf(before)?.reason)) return undefined;
  return { type: 'Warning', reason: trouble.reason, message: trouble.message };
}

const isUnderWay = (phase: string | undefined): boolean => phase === 'Running' || phase === 'Pending';

function newsOfPhase(before: SweepStatus | undefined, after: SweepStatus): News {
  const { phase = '', reason = '' } = after;
  if (phase === 'Suspended') return { type: 'Normal', reason: 'Suspended', message: suspensionText(before, after) };
  if (before?.phase === 'Suspended' && isUnderWay(phase))
    return { type: 'Normal', reason: 'Resumed', message: `it continues${doneText(after)}` };
  const plan = conditionOf(after, 'Planned');
  if (phase === 'Pending' && plan?.status === 'Unknown') return { type: 'Normal', reason: plan.reason, message: plan.message };
  const isWrong = phase === 'Invalid' || phase === 'Failed' || troubleOf(after) !== undefined;
  return { type: isWrong ? 'Warning' : 'Normal', reason, message: textOfReason(after) };
}

/** What the condition says that gave the status its reason. */
function textOfReason(status: SweepStatus): string {
  const message = status.conditions?.find(({ reason }) => reason === status.reason)?.message ?? '';
  return message === '' ? `${status.phase ?? ''}${doneText(status)}` : message;
}

function suspensionText(before: SweepStatus | undefined, after: SweepStatus): string {
  const ends = isUnderWay(before?.phase) ? '; its workers write checkpoints and end' : '';
  return `${conditionOf(after, 'Suspended')?.message ?? ''}${ends}${doneText(after)}`;
}

const doneText = ({ trials }: SweepStatus): string =>
  trials === undefined || trials.startsWith('?') ? '' : `; ${trials} trials are done`;
