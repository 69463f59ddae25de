/** Why pods of a pool do not run, from what the cluster says about them. Pure. */
import type { CoreV1Event, V1ContainerStatus, V1Job, V1Pod } from '@kubernetes/client-node';
import type { PodProblem } from '../cluster/cluster.ts';

const [oom, indexLabel, jobLabel] = ['OOMKilled', 'batch.kubernetes.io/job-completion-index', 'batch.kubernetes.io/job-name'];
/** Exit codes of a normal end: done, or the task was given back because the pod had to go. */
const wellEnded = [0, 75];
/** At most this many characters are kept of a container's last words. */
const mostWords = 1500;

const containersOf = ({ status }: V1Pod): readonly V1ContainerStatus[] => [
  ...(status?.initContainerStatuses ?? []),
  ...(status?.containerStatuses ?? []),
];

export const isOutOfMemory = (pod: V1Pod): boolean => containersOf(pod).some(({ state }) => state?.terminated?.reason === oom);

/** The newest pod of each worker: whatever befell the earlier ones has been resolved, or shows in this one again. */
export function latestPods(pods: readonly V1Pod[]): V1Pod[] {
  const latest = new Map<string, V1Pod>();
  for (const pod of pods) {
    const { labels = {} } = pod.metadata ?? {};
    const worker = `${labels[jobLabel] ?? ''} ${labels[indexLabel] ?? ''}`;
    if (madeMs(pod) >= madeMs(latest.get(worker))) latest.set(worker, pod);
  }
  return [...latest.values()].sort((a, b) => madeMs(b) - madeMs(a));
}

/** A list returns dates, a watch their text. */
const madeMs = (pod: V1Pod | undefined): number => new Date(pod?.metadata?.creationTimestamp ?? 0).getTime();

export function problemOfPod(pod: V1Pod): PodProblem | undefined {
  const name = `pod ${pod.metadata?.name ?? ''}`;
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.reason === 'Unschedulable') return { reason: 'Unschedulable', message: `${name}: ${scheduled.message ?? ''}` };
  return containersOf(pod)
    .map((container) => problemOfContainer(name, container))
    .find((problem) => problem !== undefined);
}

function problemOfContainer(pod: string, { name, state }: V1ContainerStatus): PodProblem | undefined {
  const { waiting, terminated } = state ?? {};
  if (waiting?.reason !== undefined) {
    const message = `${pod}: ${waiting.reason}: ${waiting.message ?? ''}`;
    if (/^(ErrImage|ImagePull|InvalidImage)/.test(waiting.reason)) return { reason: 'ImagePullFailed', message };
    return /Error$/.test(waiting.reason) ? { reason: 'CannotStart', message } : undefined;
  }
  if (terminated === undefined || wellEnded.includes(terminated.exitCode)) return undefined;
  const words = lastWords(terminated.message);
  if (terminated.reason === oom)
    return { reason: 'OutOfMemory', message: `${pod}: ${oom}: container ${name} needed more memory than its limit` };
  if (/^(StartError|ContainerCannotRun)$/.test(terminated.reason ?? ''))
    return { reason: 'CannotStart', message: `${pod}: ${terminated.reason}: ${words}` };
  const end = `${pod} ended with code ${terminated.exitCode}`;
  return { reason: 'WorkersCrashing', message: words === '' ? end : `${end}: ${words}` };
}

function lastWords(message = ''): string {
  const said = message.trim();
  return said.length > mostWords ? `…${said.slice(-mostWords)}` : said;
}

/**
 * The pod is scheduled and has no reported problem, but no container has started: only events show what the kubelet is waiting for.
 */
export const isBeingMade = (pod: V1Pod): boolean =>
  pod.status?.phase === 'Pending' &&
  containersOf(pod).some(({ state }) => /^(ContainerCreating|PodInitializing)$/.test(state?.waiting?.reason ?? ''));

/** The newest event, if it is a warning: what was warned of before something else happened is over. */
export function complaintOf(events: readonly CoreV1Event[]): string | undefined {
  const newest = [...events].sort((a, b) => saidMs(a) - saidMs(b)).at(-1);
  return newest?.type === 'Warning' ? newest.message : undefined;
}

const saidMs = ({ lastTimestamp, eventTime, metadata }: CoreV1Event): number =>
  new Date(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? 0).getTime();

export function problemOfJob({ metadata, spec, status }: V1Job): PodProblem | undefined {
  const name = metadata?.name ?? '';
  if (spec?.suspend === true) return { reason: 'WaitingForQuota', message: `Job ${name} waits for its queue to admit it` };
  const failed = status?.conditions?.find(({ type, status: truth }) => type === 'Failed' && truth === 'True');
  return failed && { reason: 'WorkersCrashing', message: `Job ${name}: ${failed.message ?? failed.reason ?? 'failed'}` };
}
