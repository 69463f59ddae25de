/** The Job of a wave (CONTRACTS.md). Pure; created and never updated, so that its name decides everything. */
import { digestOf } from '@ncsweep/protocol/canonical';
import type { Task } from '@ncsweep/protocol/messages';

/** What an install gives to every worker pod. */
export interface WorkerTemplate {
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly imagePullSecrets: readonly string[];
  /** For all workers: where NATS is, credentials by reference. */
  readonly environment: readonly Readonly<Record<string, unknown>>[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
  readonly volumeMounts: readonly Readonly<Record<string, unknown>>[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Readonly<Record<string, unknown>>[];
  readonly resources: Readonly<Record<Task['class'], Readonly<Record<string, string>>>>;
  readonly priorityClassName: string | undefined;
  /** Only for tests on one machine: pods share its loopback. */
  readonly hostNetwork: boolean;
  /** Bound of the pod's scratch space. */
  readonly scratch: string;
}

export interface WaveOptions {
  readonly sweep: { readonly name: string; readonly namespace: string; readonly uid: string };
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

export const labels = {
  sweep: 'ncsweep.dev/sweep-uid',
  sweepName: 'ncsweep.dev/sweep',
  taskClass: 'ncsweep.dev/class',
  wave: 'ncsweep.dev/wave',
  install: 'ncsweep.dev/install',
} as const;
export const annotations = { template: 'ncsweep.dev/template' } as const;

/** At most 63 characters, as the pods' names are made of it. */
export const waveName = ({ sweep, taskClass, index }: Pick<WaveOptions, 'sweep' | 'taskClass' | 'index'>): string =>
  `${sweep.name.slice(0, 30).replace(/-+$/, '')}-${taskClass}-${index}-${sweep.uid.slice(0, 8)}`;

/** Changes when pods would be made otherwise: then new waves replace the old ones. */
export const templateDigest = (options: Omit<WaveOptions, 'index' | 'size'>): string =>
  digestOf({ ...podParts(options), queue: options.queueName ?? null }).slice(0, 16);

const scratchPath = '/scratch';

/** What of a pod does not depend on its wave. */
function podParts({ sweep, taskClass, install, storeLocation, backend, template }: Omit<WaveOptions, 'index' | 'size'>) {
  const fixed = {
    NCSWEEP_STORE: storeLocation,
    NCSWEEP_BACKEND: backend,
    NCSWEEP_INSTALL: install,
    NCSWEEP_SWEEP: sweep.uid,
    NCSWEEP_CLASS: taskClass,
    TMPDIR: scratchPath,
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
    [labels.sweep]: sweep.uid,
    [labels.sweepName]: sweep.name,
    [labels.taskClass]: taskClass,
    [labels.wave]: name,
    [labels.install]: install,
    'app.kubernetes.io/name': 'ncsweep-worker',
    'app.kubernetes.io/managed-by': 'ncsweep',
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name,
      namespace: sweep.namespace,
      labels: { ...common, ...(queueName === undefined ? {} : { 'kueue.x-k8s.io/queue-name': queueName }) },
      annotations: { [annotations.template]: templateDigest(options) },
      ownerReferences: [
        {
          ...{ apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', name: sweep.name, uid: sweep.uid },
          ...{ controller: true, blockOwnerDeletion: true },
        },
      ],
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
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 120,
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          ...(template.hostNetwork ? { hostNetwork: true } : {}),
          ...(template.priorityClassName === undefined ? {} : { priorityClassName: template.priorityClassName }),
          nodeSelector: template.nodeSelector,
          tolerations: template.tolerations,
          imagePullSecrets: template.imagePullSecrets.map((secret) => ({ name: secret })),
          securityContext: {
            ...{ runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'worker',
              image: template.image,
              imagePullPolicy: template.imagePullPolicy,
              env: [...environment, { name: 'NCSWEEP_WAVE', value: name }],
              resources: { requests: resources, limits: limitsOf(resources) },
              securityContext: {
                ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'scratch', mountPath: scratchPath }, ...template.volumeMounts],
            },
          ],
          volumes: [{ name: 'scratch', emptyDir: { sizeLimit: template.scratch } }, ...template.volumes],
        },
      },
    },
  };
}

/** Memory and devices are bounded by what is asked for; a CPU may lend its idle time. */
const limitsOf = (resources: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(resources).filter(([name]) => name !== 'cpu'));
