/** Checks what `execution.podTemplate` says; orchestrator/cluster/jobs/pod-overlay.ts merges it. */
import { meantText } from './closest-name.ts';
import {
  containerFields,
  identityFields,
  knownField,
  metadataFields,
  ownLabelExpected,
  ownLabels,
  ownMounts,
  ownVariables,
  ownVolumes,
  podFields,
  portFields,
  reasons,
  systemPriorities,
  templateFields,
  volumeFields,
  words,
} from './pod-template-words.ts';
import type { Reporter } from './reporter.ts';

const mostBytes = 32 * 1024;
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
      .refuse(value[key], reasons[key] ?? knownField, reasons[key] === undefined ? meantText(key, known!) : `remove ${key}`);
  return value;
}

/** The entries of a list of objects. */
function entriesOf(value: unknown, known: readonly string[] | undefined, report: Reporter): (readonly [Fields, Reporter])[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    report.refuse(value, ...words.list);
    return [];
  }
  return value.map((entry, i) => [fieldsOf(entry, known, report.at(i)), report.at(i)]);
}

/** The entries of a list that is merged by name. */
function namedEntries(value: unknown, known: readonly string[] | undefined, report: Reporter): (readonly [Fields, Reporter])[] {
  const entries = entriesOf(value, known, report);
  for (const [{ name }, at] of entries) if (typeof name !== 'string' || name === '') at.at('name').refuse(name, ...words.name);
  return entries;
}

/** @param template the pod template as written; undefined when there is none */
export function checkPodTemplate(template: unknown, report: Reporter): void {
  if (template === undefined || !isFields(template)) return;
  const size = JSON.stringify(template).length;
  if (size > mostBytes) report.refuse(`${size} bytes`, `at most ${mostBytes} bytes`, 'keep large things in a ConfigMap');
  const { metadata, spec } = fieldsOf(template, templateFields, report);
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
  if (runAsUser === 0) at.at('securityContext', 'runAsUser').refuse(0, ...words.root);
}

/** Refuses the priority classes of Kubernetes itself, which are reserved for what a node cannot do without. */
export function checkPriorityClass(name: unknown, report: Reporter): void {
  if (typeof name === 'string' && systemPriorities.test(name)) report.refuse(name, ...words.systemPriority);
}

/** Refuses a place in a queue where there is none. */
export function checkQueue(execution: Readonly<Record<string, unknown>>, report: Reporter): void {
  const { queueName, workloadPriorityClassName: found } = execution;
  if (found === undefined || queueName !== undefined) return;
  report.refuse(found, 'queueName beside it: the class orders what waits in a queue', 'add queueName, or remove it');
}

function checkMetadata(metadata: unknown, report: Reporter): void {
  const parts = fieldsOf(metadata, metadataFields, report);
  for (const part of metadataFields)
    for (const [key, value] of Object.entries(fieldsOf(parts[part], undefined, report.at(part)))) {
      if (typeof value !== 'string') report.at(part, key).refuse(value, ...words.text);
      if (ownLabels.test(key)) report.at(part, key).refuse(value, ownLabelExpected, `remove ${key}`);
    }
}

function checkContainer(container: Fields, isInit: boolean, report: Reporter): void {
  if (isInit && container['name'] === 'worker') report.at('name').refuse('worker', ...words.initWorker);
  for (const [{ name }, at] of namedEntries(container['env'], ['name', 'value', 'valueFrom'], report.at('env')))
    if (typeof name === 'string' && ownVariables.test(name)) at.at('name').refuse(name, ...words.ownVariable);
  for (const [{ mountPath }, at] of entriesOf(container['volumeMounts'], undefined, report.at('volumeMounts'))) {
    if (typeof mountPath !== 'string') at.at('mountPath').refuse(mountPath, ...words.mountPath);
    else if (ownMounts.test(mountPath)) at.at('mountPath').refuse(mountPath, ...words.ownMount);
  }
  entriesOf(container['ports'], portFields, report.at('ports'));
  const resources = fieldsOf(container['resources'], ['claims', 'limits', 'requests'], report.at('resources'));
  for (const part of ['limits', 'requests']) fieldsOf(resources[part], undefined, report.at('resources', part));
}

function checkVolume(volume: Fields, report: Reporter): void {
  if (typeof volume['name'] === 'string' && ownVolumes.test(volume['name']))
    report.at('name').refuse(volume['name'], ...words.ownVolume);
  const projected = fieldsOf(volume['projected'], undefined, report.at('projected'));
  for (const [source, at] of entriesOf(projected['sources'], undefined, report.at('projected', 'sources')))
    if (source['serviceAccountToken'] !== undefined)
      at.at('serviceAccountToken').refuse(source['serviceAccountToken'], ...words.token);
}
