/** The Job of a wave. Pure; a Job is created and never updated, so its name determines its content. */
import type { BackendName } from '@ncsweep/catalog/backends';
import { digestOf } from '@ncsweep/protocol/canonical';
import type { Task } from '@ncsweep/protocol/messages';
import {
  jobName,
  labels,
  ownedBy,
  podSpec,
  queueLabels,
  scratchPath,
  type PodTemplate,
  type QueuePlace,
  type SweepIdentity,
} from './pod.ts';
import { ofWorkers, overlayPod } from './pod-overlay.ts';
import { parseQuantity } from './quantity.ts';

/** What an install sets for every worker pod. */
export interface WorkerTemplate extends PodTemplate {
  /** Where a backend has an image of its own. */
  readonly images?: Readonly<Partial<Record<BackendName, string>>> | undefined;
  readonly resources: Readonly<Record<Task['class'], Readonly<Record<string, string>>>>;
}

export interface WaveOptions {
  readonly sweep: SweepIdentity;
  readonly taskClass: Task['class'];
  readonly index: number;
  readonly size: number;
  readonly install: string;
  readonly storeLocation: string;
  readonly backend: string;
  readonly template: WorkerTemplate;
  /** A Kueue queue; if it has a name, the Job is created suspended and Kueue starts it. */
  readonly queue: QueuePlace;
  /** How often these pods' memory was increased because it did not suffice. */
  readonly memoryStep: number;
  /** Consecutive waves before this one whose workers never started working. */
  readonly failuresBefore?: number;
  /** What the sweep adds to its pods; checked at admission. */
  readonly overlay: Readonly<Record<string, unknown>> | undefined;
}

export const annotations = {
  template: 'ncsweep.dev/template',
  memoryStep: 'ncsweep.dev/memory-step',
  failures: 'ncsweep.dev/failures-before',
} as const;

export const waveName = ({ sweep, taskClass, index }: Pick<WaveOptions, 'sweep' | 'taskClass' | 'index'>): string =>
  jobName(sweep, `${taskClass}-${index}`);

/** Changes when pods would be made differently; new waves then replace the old ones. */
export const templateDigest = (options: Omit<WaveOptions, 'index' | 'size'>): string =>
  digestOf({ ...podParts(options), queue: queueDigested(options.queue) }).slice(0, 16);

/** Without a class of its own, a queue is digested as it was before there were such classes: an upgrade replaces no wave for it. */
const queueDigested = ({ queueName, workloadPriorityClassName }: QueuePlace): unknown =>
  workloadPriorityClassName === undefined ? (queueName ?? null) : { queueName, workloadPriorityClassName };

/** The share of the scratch space that caches datasets and weights; the rest is for what does not fit into memory. */
const cacheShare = 0.5;
/** From SIGTERM to SIGKILL; checkpoints of the largest networks take a while. */
const graceSeconds = 120;
/** How long a worker that was told to stop waits for a step to end; the rest of the grace period is for giving the task back. */
const stopGraceMs = 90_000;

/** The part of a pod that does not depend on its wave. */
function podParts(options: Omit<WaveOptions, 'index' | 'size'>) {
  const { sweep, taskClass, install, storeLocation, backend, template, memoryStep, overlay } = options;
  const fixed = {
    NCSWEEP_STORE: storeLocation,
    NCSWEEP_BACKEND: backend,
    NCSWEEP_INSTALL: install,
    NCSWEEP_SWEEP: sweep.uid,
    NCSWEEP_CLASS: taskClass,
    NCSWEEP_MEMORY_STEP: String(memoryStep),
    NCSWEEP_CACHE_FOLDER: scratchPath,
    NCSWEEP_CACHE_BYTES: String(Math.floor(cacheShare * (parseQuantity(template.scratch) ?? 0))),
    NCSWEEP_STOP_GRACE_MS: String(stopGraceMs),
  };
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    environment: [
      ...Object.entries(fixed).map(([name, value]) => ({ name, value })),
      field('NCSWEEP_WORKER', 'metadata.name'),
      field('NCSWEEP_POD_UID', 'metadata.uid'),
      field('NCSWEEP_NODE', 'spec.nodeName'),
      ...template.environment,
    ],
    resources: template.resources[taskClass],
    spec: template,
    overlay: overlay ?? null,
  };
}

/** @returns a batch/v1 Job */
export function waveJob(options: WaveOptions): Record<string, unknown> {
  const { sweep, taskClass, size, install, queue } = options;
  const name = waveName(options);
  const common = {
    ...labels.of(sweep, install, 'ncsweep-worker'),
    [labels.taskClass]: taskClass,
    [labels.wave]: name,
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: sweep.namespace,
      labels: { ...common, ...queueLabels(queue) },
      annotations: {
        [annotations.template]: templateDigest(options),
        [annotations.memoryStep]: String(options.memoryStep),
        [annotations.failures]: String(options.failuresBefore ?? 0),
      },
      ownerReferences: [ownedBy(sweep)],
    },
    spec: {
      completionMode: 'Indexed',
      completions: size,
      parallelism: size,
      backoffLimitPerIndex: 3,
      podReplacementPolicy: 'Failed',
      ttlSecondsAfterFinished: 3600,
      ...(queue.queueName === undefined ? {} : { suspend: true }),
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'Ignore', onExitCodes: { containerName: 'worker', operator: 'In', values: [75] } },
          { action: 'FailIndex', onExitCodes: { containerName: 'worker', operator: 'In', values: [70] } },
          { action: 'FailJob', onExitCodes: { containerName: 'worker', operator: 'In', values: [76, 78] } },
        ],
      },
      template: overlaid({ metadata: { labels: common }, spec: workerPod(options, name) }, options),
    },
  };
}

const overlaid = (pod: Record<string, unknown>, { template, overlay }: WaveOptions): Record<string, unknown> =>
  [template.overlay, overlay ?? {}].map(ofWorkers).reduce(overlayPod, pod);

function workerPod(options: WaveOptions, wave: string): Record<string, unknown> {
  const { template } = options;
  const { environment, resources } = podParts(options);
  const container = { name: 'worker', resources, environment: [...environment, { name: 'NCSWEEP_WAVE', value: wave }] };
  return {
    ...podSpec(template, container),
    terminationGracePeriodSeconds: graceSeconds,
  };
}
