/**
 * What `execution.podTemplate` may say. Only what is listed here may be written, so that nothing removes what restricted pod
 * security requires, access to the API server stays closed, and a misspelt field is reported.
 * orchestrator/cluster/jobs/pod-overlay.ts merges it.
 */
import { meantText } from './closest-name.ts';
import type { Reporter } from './reporter.ts';

const podFields = [
  ...['affinity', 'containers', 'dnsConfig', 'dnsPolicy', 'hostAliases', 'imagePullSecrets', 'initContainers', 'nodeSelector'],
  ...['priorityClassName', 'resourceClaims', 'runtimeClassName', 'schedulerName', 'securityContext', 'serviceAccountName'],
  ...['tolerations', 'topologySpreadConstraints', 'volumes'],
];
const containerFields = [
  ...['args', 'command', 'env', 'envFrom', 'image', 'imagePullPolicy', 'name', 'ports', 'resources', 'restartPolicy'],
  ...['volumeMounts', 'workingDir'],
];
/** Who the processes run as and what they own, not what they may do. */
const identityFields = ['fsGroup', 'fsGroupChangePolicy', 'runAsGroup', 'runAsUser', 'supplementalGroups'];
/** Restricted pod security admits no other volumes. */
const volumeFields = [
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

/** Fields that people may expect but that are not allowed, and why. */
const reasons: Readonly<Record<string, string>> = {
  automountServiceAccountToken: 'no such field: workers have no API token',
  hostIPC: 'no such field: restricted pod security forbids it',
  hostNetwork: 'no such field: restricted pod security forbids it',
  hostPID: 'no such field: restricted pod security forbids it',
  hostIP: 'no such field: pods have no port on their node',
  hostPort: 'no such field: pods have no port on their node',
  hostPath: 'a volume that restricted pod security admits: not hostPath',
  restartPolicy: 'no such field: a Job starts pods again by itself',
  runAsNonRoot: 'no such field: workers never run as root',
  securityContext: 'no such field: every container has what restricted pod security asks for',
  seccompProfile: 'no such field: workers run under RuntimeDefault',
  terminationGracePeriodSeconds: 'no such field: it is what a checkpoint needs',
};

const mostBytes = 32 * 1024;
const ownVolumes = /^(scratch|data-\d+)$/;
const ownMounts = /^\/(scratch|data)(\/|$)/;
const ownLabels = /^(ncsweep\.dev\/|batch\.kubernetes\.io\/|kueue\.x-k8s\.io\/|app\.kubernetes\.io\/(name|managed-by)$)/;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fields at a place; unknown ones are reported. @returns none if the value is not an object, which is reported too */
function fieldsOf(value: unknown, known: readonly string[] | undefined, report: Reporter): Fields {
  if (value === undefined) return {};
  if (!isFields(value)) {
    report.refuse(value, 'fields', '');
    return {};
  }
  for (const key of known === undefined ? [] : Object.keys(value).filter((field) => !known.includes(field)))
    report
      .at(key)
      .refuse(value[key], reasons[key] ?? 'a known field', reasons[key] === undefined ? meantText(key, known!) : `remove ${key}`);
  return value;
}

/** The entries of a list of objects. */
function entriesOf(value: unknown, known: readonly string[] | undefined, report: Reporter): (readonly [Fields, Reporter])[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    report.refuse(value, 'a list', 'put a "- " before each entry');
    return [];
  }
  return value.map((entry, i) => [fieldsOf(entry, known, report.at(i)), report.at(i)]);
}

/** The entries of a list that is merged by name. */
function namedEntries(value: unknown, known: readonly string[] | undefined, report: Reporter): (readonly [Fields, Reporter])[] {
  const entries = entriesOf(value, known, report);
  for (const [{ name }, at] of entries)
    if (typeof name !== 'string' || name === '') at.at('name').refuse(name, 'a name: entries are merged by it', 'add name');
  return entries;
}

/** @param template the pod template as written; undefined when there is none */
export function checkPodTemplate(template: unknown, report: Reporter): void {
  if (template === undefined || !isFields(template)) return;
  const size = JSON.stringify(template).length;
  if (size > mostBytes) report.refuse(`${size} bytes`, `at most ${mostBytes} bytes`, 'keep large things in a ConfigMap');
  const { metadata, spec } = fieldsOf(template, ['metadata', 'spec'], report);
  checkMetadata(metadata, report.at('metadata'));
  const at = report.at('spec');
  const pod = fieldsOf(spec, podFields, at);
  for (const [list, isInit] of [
    ['containers', false],
    ['initContainers', true],
  ] as const)
    for (const [container, place] of namedEntries(pod[list], containerFields, at.at(list)))
      checkContainer(container, isInit, place);
  for (const [volume, place] of namedEntries(pod['volumes'], volumeFields, at.at('volumes'))) checkVolume(volume, place);
  for (const field of ['imagePullSecrets', 'resourceClaims']) namedEntries(pod[field], undefined, at.at(field));
  entriesOf(pod['tolerations'], ['effect', 'key', 'operator', 'tolerationSeconds', 'value'], at.at('tolerations'));
  entriesOf(pod['topologySpreadConstraints'], undefined, at.at('topologySpreadConstraints'));
  fieldsOf(pod['nodeSelector'], undefined, at.at('nodeSelector'));
  checkPriorityClass(pod['priorityClassName'], at.at('priorityClassName'));
  const { runAsUser } = fieldsOf(pod['securityContext'], identityFields, at.at('securityContext'));
  if (runAsUser === 0)
    at.at('securityContext', 'runAsUser').refuse(0, 'another user than root', 'write the number of a plain user');
}

/** Refuses the priority classes of Kubernetes itself, which are reserved for what a node cannot do without. */
export function checkPriorityClass(name: unknown, report: Reporter): void {
  if (typeof name === 'string' && name.startsWith('system-'))
    report.refuse(name, 'a priority class of people: those of system- are for parts of Kubernetes', 'choose another class');
}

/** Refuses a place in a queue where there is none. */
export function checkQueue(execution: Readonly<Record<string, unknown>>, report: Reporter): void {
  const { queueName, workloadPriorityClassName: found } = execution;
  if (found === undefined || queueName !== undefined) return;
  report.refuse(found, 'queueName beside it: the class orders what waits in a queue', 'add queueName, or remove it');
}

function checkMetadata(metadata: unknown, report: Reporter): void {
  const parts = fieldsOf(metadata, ['annotations', 'labels'], report);
  for (const part of ['annotations', 'labels'])
    for (const [key, value] of Object.entries(fieldsOf(parts[part], undefined, report.at(part)))) {
      if (typeof value !== 'string') report.at(part, key).refuse(value, 'text', 'put it in quotes');
      if (ownLabels.test(key))
        report.at(part, key).refuse(value, 'a key that ncsweep and Kubernetes do not use themselves', `remove ${key}`);
    }
}

function checkContainer(container: Fields, isInit: boolean, report: Reporter): void {
  if (isInit && container['name'] === 'worker')
    report.at('name').refuse('worker', 'another name: the worker is no init container', 'rename it');
  for (const [{ name }, at] of namedEntries(container['env'], ['name', 'value', 'valueFrom'], report.at('env')))
    if (typeof name === 'string' && (name.startsWith('NCSWEEP_') || name === 'TMPDIR'))
      at.at('name').refuse(name, 'a variable that ncsweep does not set itself', 'remove it');
  for (const [{ mountPath }, at] of entriesOf(container['volumeMounts'], undefined, report.at('volumeMounts'))) {
    if (typeof mountPath !== 'string') at.at('mountPath').refuse(mountPath, 'a path: mounts are merged by it', 'add mountPath');
    else if (ownMounts.test(mountPath))
      at.at('mountPath').refuse(mountPath, 'a path outside of /scratch and /data', 'choose another path');
  }
  entriesOf(container['ports'], ['containerPort', 'name', 'protocol'], report.at('ports'));
  const resources = fieldsOf(container['resources'], ['claims', 'limits', 'requests'], report.at('resources'));
  for (const part of ['limits', 'requests']) fieldsOf(resources[part], undefined, report.at('resources', part));
}

function checkVolume(volume: Fields, report: Reporter): void {
  if (typeof volume['name'] === 'string' && ownVolumes.test(volume['name']))
    report.at('name').refuse(volume['name'], 'a name that ncsweep does not use itself', 'rename it');
  const projected = fieldsOf(volume['projected'], undefined, report.at('projected'));
  for (const [source, at] of entriesOf(projected['sources'], undefined, report.at('projected', 'sources')))
    if (source['serviceAccountToken'] !== undefined)
      at.at('serviceAccountToken').refuse(source['serviceAccountToken'], 'no API token: workers have none', 'remove it');
}
