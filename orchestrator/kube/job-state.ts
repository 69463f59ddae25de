/** The state of a Job and its pods, in our terms. Pure. */
import type { V1Job, V1JobStatus, V1Pod } from '@kubernetes/client-node';
import { gpusOf, type DeviceWeights } from '../cluster/jobs/devices.ts';
import { labels } from '../cluster/jobs/pod.ts';
import { liveOf, type Wave } from '../cluster/jobs/pool-plan.ts';
import { annotations } from '../cluster/jobs/wave-job.ts';
import type { ReportJob } from '../cluster/decide/report.ts';
import { isOutOfMemory } from './pod-problem.ts';

export const hasEnded = ({ status }: V1Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

export function lacksPods({ spec, status = {} }: V1Job): boolean {
  const { active = 0, succeeded = 0, failed = 0 } = status;
  return !isOver(status) && active + succeeded + failed < (spec?.parallelism ?? 0);
}

export const isFailed = ({ conditions = [] }: V1JobStatus): boolean =>
  conditions.some(({ type, status }) => type === 'Failed' && status === 'True');

const isOver = (status: V1JobStatus): boolean =>
  isFailed(status) || status.conditions?.some(({ type, status: truth }) => type === 'Complete' && truth === 'True') === true;

/** @param pods that include the Job's */
export function waveOf({ metadata = {}, spec, status = {} }: V1Job, pods: readonly V1Pod[]): Wave {
  const { name = '', annotations: notes = {}, deletionTimestamp } = metadata;
  const mine = pods.filter((pod) => jobOf(pod) === name);
  return {
    name,
    size: spec?.completions ?? 0,
    finished: isOver(status) || deletionTimestamp !== undefined,
    index: Number(/-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1] ?? 0),
    ended: (status.succeeded ?? 0) + indexCount(status.failedIndexes),
    template: notes[annotations.template] ?? '',
    memoryStep: Number(notes[annotations.memoryStep] ?? 0),
    failed: isFailed(status),
    running: mine.filter((pod) => pod.status?.phase === 'Running').length,
    outOfMemory: mine.some(isOutOfMemory),
    failuresBefore: Number(notes[annotations.failures] ?? 0),
  };
}

/** @param pods that include the Job's; the last words of a failed one give the reason of its failure */
export function reportJobOf({ metadata, status = {} }: V1Job, pods: readonly V1Pod[]): ReportJob {
  const ended = status.conditions?.find(
    ({ type, status: truth }) => (type === 'Complete' || type === 'Failed') && truth === 'True',
  );
  if (ended === undefined) return { state: 'running', message: '' };
  if (ended.type === 'Complete') return { state: 'written', message: '' };
  const mine = pods.filter((pod) => jobOf(pod) === metadata?.name);
  const said = mine.map((pod) => pod.status?.containerStatuses?.[0]?.state?.terminated?.message).find(Boolean);
  return { state: 'failed', message: (said ?? ended.message ?? ended.reason ?? '').trim() };
}

/** "1,3-5" → 4 */
const indexCount = (text = ''): number =>
  text
    .split(',')
    .filter(Boolean)
    .reduce((sum, range) => {
      const [from = 0, to = from] = range.split('-').map(Number);
      return sum + to - from + 1;
    }, 0);

export const jobOf = ({ metadata }: V1Pod): string => metadata?.labels?.['batch.kubernetes.io/job-name'] ?? '';
export const isWorker = ({ metadata }: V1Pod | V1Job): boolean => metadata?.labels?.[labels.wave] !== undefined;

/**
 * Worker pods that exist or will be created for existing Jobs, and their devices.
 * @param jobs of a namespace
 * @param pods of the same namespace
 */
export function usageOf(
  jobs: readonly V1Job[],
  pods: readonly V1Pod[],
  weights: DeviceWeights,
): { readonly pods: number; readonly gpus: number } {
  const workers = pods.filter((pod) => isWorker(pod) && !hasEnded(pod));
  const waves = jobs.filter(isWorker);
  const names = new Set(waves.map(({ metadata }) => metadata?.name));
  const orphans = workers.filter((pod) => !names.has(jobOf(pod)));
  const counted = [
    ...orphans.map(({ spec }) => ({ count: 1, each: gpusOf(spec ?? {}, weights) })),
    ...waves.map((job) => {
      const here = workers.filter((pod) => jobOf(pod) === job.metadata?.name).length;
      return { count: Math.max(here, liveOf(waveOf(job, []))), each: gpusOf(job.spec?.template.spec ?? {}, weights) };
    }),
  ];
  return {
    pods: counted.reduce((sum, { count }) => sum + count, 0),
    gpus: counted.reduce((sum, { count, each }) => sum + count * each, 0),
  };
}

/** How many GPUs count as held by these pods while they run. */
export const gpusHeld = (pods: readonly V1Pod[], weights: DeviceWeights): number =>
  pods.reduce((sum, { spec, status }) => sum + (status?.phase === 'Running' ? gpusOf(spec ?? {}, weights) : 0), 0);
