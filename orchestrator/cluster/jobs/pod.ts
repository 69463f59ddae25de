/** What the pods of all Jobs share: labels that say whose they are, and settings that restricted pod security admits. Pure. */

export interface SweepIdentity {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

/** What an install sets for every pod. */
export interface PodTemplate {
  readonly image: string;
  readonly imagePullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly imagePullSecrets: readonly string[];
  /** The address of NATS, and credentials by reference. */
  readonly environment: readonly Readonly<Record<string, unknown>>[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
  readonly volumeMounts: readonly Readonly<Record<string, unknown>>[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Readonly<Record<string, unknown>>[];
  /** Only for tests on one machine, whose loopback the pods share. */
  readonly hostNetwork: boolean;
  /** Size limit of the pod's scratch space. */
  readonly scratch: string;
  readonly priorityClassName: string | undefined;
  /** What the install adds to every pod, before the Sweep adds its own. */
  readonly overlay: Readonly<Record<string, unknown>>;
}

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
  readonly environment: readonly Readonly<Record<string, unknown>>[];
  readonly resources: Readonly<Record<string, string>>;
}

export const labels = {
  sweep: 'ncsweep.dev/sweep-uid',
  sweepName: 'ncsweep.dev/sweep',
  taskClass: 'ncsweep.dev/class',
  wave: 'ncsweep.dev/wave',
  report: 'ncsweep.dev/report',
  install: 'ncsweep.dev/install',
  of: (sweep: SweepIdentity, install: string, program: string): Readonly<Record<string, string>> => ({
    [labels.sweep]: sweep.uid,
    [labels.sweepName]: sweep.name,
    [labels.install]: install,
    'app.kubernetes.io/name': program,
    'app.kubernetes.io/managed-by': 'ncsweep',
  }),
} as const;

/** Deterministic, and short enough for the names of its pods: at most 63 characters. @param what at most 23 characters */
export const jobName = ({ name, uid }: SweepIdentity, what: string): string =>
  `${name.slice(0, 30).replace(/-+$/, '')}-${what}-${uid.slice(0, 8)}`;

/** Where Kueue queues a Job. */
export interface QueuePlace {
  readonly queueName: string | undefined;
  /** A WorkloadPriorityClass: the order in its queue, and whom it preempts there; the pods' own priority is another matter. */
  readonly workloadPriorityClassName: string | undefined;
}

/** What a sweep says of its queue. */
export const queueOf = ({ queueName, workloadPriorityClassName }: Partial<QueuePlace> = {}): QueuePlace => ({
  queueName,
  workloadPriorityClassName,
});

/** Kueue manages Jobs with these labels. */
export const queueLabels = ({ queueName, workloadPriorityClassName }: QueuePlace): Readonly<Record<string, string>> => ({
  ...(queueName === undefined ? {} : { 'kueue.x-k8s.io/queue-name': queueName }),
  ...(queueName === undefined || workloadPriorityClassName === undefined
    ? {}
    : { 'kueue.x-k8s.io/priority-class': workloadPriorityClassName }),
});

export const ownedBy = ({ name, uid }: SweepIdentity): object => ({
  apiVersion: 'ncsweep.dev/v1alpha1',
  kind: 'Sweep',
  name,
  uid,
  controller: true,
  blockOwnerDeletion: true,
});

export const scratchPath = '/scratch';

/** What restricted pod security requires of every container. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} as const;

/** The pod spec for one container. */
export function podSpec(template: PodTemplate, { name, args, environment, resources }: Container): Record<string, unknown> {
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...(template.hostNetwork ? { hostNetwork: true } : {}),
    ...(template.priorityClassName === undefined ? {} : { priorityClassName: template.priorityClassName }),
    nodeSelector: template.nodeSelector,
    tolerations: template.tolerations,
    imagePullSecrets: template.imagePullSecrets.map((secret) => ({ name: secret })),
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name,
        image: template.image,
        imagePullPolicy: template.imagePullPolicy,
        ...(args === undefined ? {} : { args }),
        env: [{ name: 'TMPDIR', value: scratchPath }, ...environment],
        resources: { requests: resources, limits: limitsOf(resources) },
        securityContext: containerSecurity,
        // The last output of a pod reaches its status, and so the Sweep's conditions.
        terminationMessagePolicy: 'FallbackToLogsOnError',
        volumeMounts: [{ name: 'scratch', mountPath: scratchPath }, ...template.volumeMounts],
      },
    ],
    volumes: [{ name: 'scratch', emptyDir: { sizeLimit: template.scratch } }, ...template.volumes],
  };
}

/** Memory and devices are limited to what is requested; CPU is not, so that idle time can be used. */
const limitsOf = (resources: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(resources).filter(([name]) => name !== 'cpu'));
