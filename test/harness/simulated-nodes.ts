/**
 * Nodes that kwok simulates: they look ready, have GPUs, and run nothing. Pods of one namespace become ready and stay so until
 * they are deleted, or succeed at once if a label requests it; the test decides what happens to other pods.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { KubeApi } from './kube-api.ts';
import { ServerProcess } from './server-process.ts';

const gpuResource = 'nvidia.com/gpu';

interface NodeOptions {
  readonly count: number;
  readonly gpus: number;
  readonly pods?: number;
}

const stage = (name: string, spec: object): object => ({
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name },
  spec,
});
const conditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

const nodeTemplate = `{{ $now := Now }}
conditions:
${conditions
  .map(
    (type) => `- type: ${type}
  status: "${type === 'Ready' ? 'True' : 'False'}"
  reason: Simulated
  message: ""
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}`,
  )
  .join('\n')}
phase: Running
`;

const podReady = `{{ $now := Now }}
phase: Running
podIP: 127.0.0.1
hostIP: 127.0.0.1
startTime: {{ $now | Quote }}
conditions:
- {type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }}}
- {type: ContainersReady, status: "True", lastTransitionTime: {{ $now | Quote }}}
`;
const podSucceeded = `{{ $now := Now }}
phase: Succeeded
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: false
  restartCount: 0
  state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ $now | Quote }}, finishedAt: {{ $now | Quote }}}}
{{ end }}
`;
const podStopped = `phase: Failed
`;

/** The namespace whose pods run nothing. */
export const simulatedNamespace = 'simulated';
/** Label of pods there whose work is over as soon as it begins. */
export const succeedsLabel = { 'simulated/succeeds': 'true' };
const simulatedPod = { key: '.metadata.namespace', operator: 'In', values: [simulatedNamespace] };
const absent = (key: string): object => ({ key, operator: 'DoesNotExist' });
const present = (key: string): object => ({ key, operator: 'Exists' });

/** A pod that is being deleted becomes Failed first: Jobs with a podFailurePolicy wait for that. */
const stages: readonly object[] = [
  stage('node-ready', {
    resourceRef: { apiGroup: 'v1', kind: 'Node' },
    selector: {
      matchExpressions: [
        { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: 'NotIn', values: ['True'] },
      ],
    },
    next: { statusTemplate: nodeTemplate },
    immediateNextStage: true,
  }),
  stage('node-heartbeat', {
    resourceRef: { apiGroup: 'v1', kind: 'Node' },
    selector: {
      matchExpressions: [
        { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: 'In', values: ['True'] },
      ],
    },
    delay: { durationMilliseconds: 600_000 },
    next: { statusTemplate: nodeTemplate },
  }),
  stage('pod-ready', {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: { matchExpressions: [simulatedPod, absent('.metadata.deletionTimestamp'), absent('.status.podIP')] },
    next: { statusTemplate: podReady },
  }),
  stage('pod-succeeded', {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: {
      matchLabels: succeedsLabel,
      matchExpressions: [
        simulatedPod,
        absent('.metadata.deletionTimestamp'),
        { key: '.status.phase', operator: 'In', values: ['Running'] },
      ],
    },
    next: { statusTemplate: podSucceeded },
  }),
  stage('pod-stopped', {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: {
      matchExpressions: [
        simulatedPod,
        present('.metadata.deletionTimestamp'),
        { key: '.status.phase', operator: 'In', values: ['Running', 'Pending'] },
      ],
    },
    next: { statusTemplate: podStopped },
    immediateNextStage: true,
  }),
  stage('pod-deleted', {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: {
      matchExpressions: [
        simulatedPod,
        present('.metadata.deletionTimestamp'),
        { key: '.status.phase', operator: 'In', values: ['Failed', 'Succeeded'] },
      ],
    },
    next: { finalizers: { empty: true }, delete: true },
  }),
];

function node(index: number, { gpus, pods = 110 }: NodeOptions): object {
  const resources = { cpu: '64', memory: '512Gi', pods: String(pods), [gpuResource]: String(gpus) };
  const name = `sim-${index}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'simulated' },
    },
    status: { allocatable: resources, capacity: resources },
  };
}

export async function startSimulatedNodes(api: KubeApi, options: NodeOptions): Promise<{ stop(): Promise<void> }> {
  await api.call('POST', '/api/v1/namespaces', { metadata: { name: simulatedNamespace } });
  const config = path.join(api.files.folder, 'stages.json');
  await writeFile(config, stages.map((each) => JSON.stringify(each)).join('\n---\n'));
  const kwok = await ServerProcess.start('kube/kwok', (port) => [
    ...[`--kubeconfig=${api.kubeconfig}`, `--config=${config}`, `--server-address=127.0.0.1:${port}`, '--node-ip=127.0.0.1'],
    ...['--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake', '--node-lease-duration-seconds=40'],
  ]);
  for (let index = 0; index < options.count; index++) await api.call('POST', '/api/v1/nodes', node(index, options));
  return { stop: () => kwok.stop() };
}
