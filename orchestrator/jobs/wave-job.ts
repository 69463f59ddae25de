/** The Job of a wave (CONTRACTS.md). Pure; created and never updated, so that its name decides everything. */
import { digestOf } from '@ncsweep/protocol/canonical';
import type { Task } from '@ncsweep/protocol/messages';
import { jobName, labels, ownedBy, podSpec, type PodTemplate, type SweepIdentity } from './pod.ts';

/** What an install gives to every worker pod. */
export interface WorkerTemplate extends PodTemplate {
  readonly resources: Readonly<Record<Task['class'], Readonly<Record<string, string>>>>;
  readonly priorityClassName: string | undefined;
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
  /** A Kueue queue; then the Job is made suspended and Kueue starts it. */
  readonly queueName: string | undefined;
}

export const annotations = { template: 'ncsweep.dev/template' } as const;

export const waveName = ({ sweep, taskClass, index }: Pick<WaveOptions, 'sweep' | 'taskClass' | 'index'>): string =>
  jobName(sweep, `${taskClass}-${index}`);

/** Changes when pods would be made otherwise: then new waves replace the old ones. */
export const templateDigest = (options: Omit<WaveOptions, 'index' | 'size'>): string =>
  digestOf({ ...podParts(options), queue: options.queueName ?? null }).slice(0, 16);

/** What of a pod does not depend on its wave. */
function podParts({ sweep, taskClass, install, storeLocation, backend, template }: Omit<WaveOptions, 'index' | 'size'>) {
  const fixed = {
    NCSWEEP_STORE: storeLocation,
    NCSWEEP_BACKEND: backend,
    NCSWEEP_INSTALL: install,
    NCSWEEP_SWEEP: sweep.uid,
    NCSWEEP_CLASS: taskClass,
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
  };
}

/** @returns a batch/v1 Job */
export function waveJob(options: WaveOptions): Record<string, unknown> {
  const { sweep, taskClass, size, install, template, queueName } = options;
  const name = waveName(options);
  const { environment, resources } = podParts(options);
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
      labels: { ...common, ...(queueName === undefined ? {} : { 'kueue.x-k8s.io/queue-name': queueName }) },
      annotations: { [annotations.template]: templateDigest(options) },
      ownerReferences: [ownedBy(sweep)],
    },
    spec: {
      completionMode: 'Indexed',
      completions: size,
      parallelism: size,
      backoffLimitPerIndex: 3,
      podReplacementPolicy: 'Failed',
      ttlSecondsAfterFinished: 3600,
      ...(queueName === undefined ? {} : { suspend: true }),
      podFailurePolicy: {
        rules: [
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          { action: 'Ignore', onExitCodes: { containerName: 'worker', operator: 'In', values: [75] } },
          { action: 'FailIndex', onExitCodes: { containerName: 'worker', operator: 'In', values: [70] } },
          { action: 'FailJob', onExitCodes: { containerName: 'worker', operator: 'In', values: [76, 78] } },
        ],
      },
      template: {
        metadata: { labels: common },
        spec: {
          ...podSpec(template, {
            ...{ name: 'worker', resources },
            environment: [...environment, { name: 'NCSWEEP_WAVE', value: name }],
          }),
          terminationGracePeriodSeconds: 120,
          ...(template.priorityClassName === undefined ? {} : { priorityClassName: template.priorityClassName }),
        },
      },
    },
  };
}
