/** What the end of a worker's pod says about an attempt that the worker did not end itself. Pure. */
import type { PodEnd } from '../../engine/queue/lost-attempt.ts';

export type { PodEnd };

/** The part of a pod's status that shows how it ended. */
export interface PodStatus {
  readonly reason?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly containerStatuses?: readonly {
    readonly name: string;
    readonly state?: { readonly terminated?: { readonly exitCode: number; readonly reason?: string } };
  }[];
}

/** 137 and 143: killed from outside, which says nothing about the task; the others end no attempt, or end it properly. */
const saysNothing = [0, 75, 76, 78, 137, 143];
const deviceUnusable = 70;

/**
 * @returns undefined while the pod runs, and for an end that costs the task nothing: a disruption, or one that the worker reported
 */
export function podEnd(podUid: string, status: PodStatus): PodEnd | undefined {
  const ended = status.containerStatuses?.find(({ name }) => name === 'worker')?.state?.terminated;
  if (ended === undefined) return undefined;
  if (ended.reason === 'OOMKilled')
    return { podUid, class: 'outOfMemory', message: 'the pod was killed: it needed more memory than its limit' };
  const isDisrupted = status.conditions?.some((each) => each.type === 'DisruptionTarget' && each.status === 'True');
  if (isDisrupted === true || status.reason === 'Evicted' || saysNothing.includes(ended.exitCode)) return undefined;
  const message = `the worker ended with code ${ended.exitCode}`;
  return { podUid, class: ended.exitCode === deviceUnusable ? 'device' : 'unknown', message };
}
