/**
 * What `execution.podTemplate` may hold, and the words for what it may not. `validate` says them, and so does the chart's admission
 * policy, which is generated from this file. Only what is listed here may be written, so that nothing removes what restricted pod
 * security requires, access to the API server stays closed, and a misspelt field is reported.
 */

export const templateFields = ['metadata', 'spec'] as const;
export const metadataFields = ['annotations', 'labels'] as const;
export const podFields = [
  ...['affinity', 'containers', 'dnsConfig', 'dnsPolicy', 'hostAliases', 'imagePullSecrets', 'initContainers', 'nodeSelector'],
  ...['priorityClassName', 'resourceClaims', 'runtimeClassName', 'schedulerName', 'securityContext', 'serviceAccountName'],
  ...['tolerations', 'topologySpreadConstraints', 'volumes'],
];
export const containerFields = [
  ...['args', 'command', 'env', 'envFrom', 'image', 'imagePullPolicy', 'name', 'ports', 'resources', 'restartPolicy'],
  ...['volumeMounts', 'workingDir'],
];
/** Who the processes run as and what they own, not what they may do. */
export const identityFields = ['fsGroup', 'fsGroupChangePolicy', 'runAsGroup', 'runAsUser', 'supplementalGroups'];
/** Restricted pod security admits no other volumes. */
export const volumeFields = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'name',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
export const portFields = ['containerPort', 'name', 'protocol'];

/** Fields that people may expect but that are not allowed, and why. */
export const reasons: Readonly<Record<string, string>> = {
  automountServiceAccountToken: 'no such field: workers have no API token',
  hostIPC: 'no such field: restricted pod security forbids it',
  hostNetwork: 'no such field: restricted pod security forbids it',
  hostPID: 'no such field: restricted pod security forbids it',
  hostIP: 'no such field: pods have no port on their node',
  hostPort: 'no such field: pods have no port on their node',
  hostPath: 'a volume that restricted pod security admits: not hostPath',
  restartPolicy: 'no such field: the Job itself starts pods again',
  runAsNonRoot: 'no such field: workers never run as root',
  securityContext: 'no such field: every container already has what restricted pod security requires',
  seccompProfile: 'no such field: workers run under RuntimeDefault',
  terminationGracePeriodSeconds: 'no such field: it is as long as a checkpoint needs',
};

/** What an unknown field is expected to be, when no reason is known. */
export const knownField = 'a known field';

export const ownVolumes = /^(scratch|data-[0-9]+)$/;
export const ownMounts = /^[/](scratch|data)([/]|$)/;
export const ownVariables = /^(NCSWEEP_|TMPDIR$)/;
export const ownLabels =
  /^(ncsweep\.dev[/]|batch\.kubernetes\.io[/]|kueue\.x-k8s\.io[/]|app\.kubernetes\.io[/](name|managed-by)$)/;
export const systemPriorities = /^system-/;

/** What the key of a label is expected to be. */
export const ownLabelExpected = 'a key that ncsweep and Kubernetes do not use themselves';

/** Expected and remedy of what is wrong. */
export const words = {
  list: ['a list', 'put a "- " before each entry'],
  name: ['a name: entries are merged by it', 'add name'],
  initWorker: ['another name: the worker is not an init container', 'rename it'],
  ownVariable: ['a variable that ncsweep does not set itself', 'remove it'],
  mountPath: ['a path: mounts are merged by it', 'add mountPath'],
  ownMount: ['a path outside of /scratch and /data', 'choose another path'],
  ownVolume: ['a name that ncsweep does not use itself', 'rename it'],
  token: ['no API token: workers have none', 'remove it'],
  root: ['another user than root', 'write the number of a plain user'],
  systemPriority: ['a priority class for users: system- classes are reserved for Kubernetes', 'choose another class'],
  text: ['text', 'put it in quotes'],
} as const satisfies Readonly<Record<string, readonly [expected: string, remedy: string]>>;
