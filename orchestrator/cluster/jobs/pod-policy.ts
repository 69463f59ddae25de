/**
 * What the install allows a Sweep's author to set in pods: which identities, secrets, priorities and programs. The form of a
 * `podTemplate` is checked in orchestrator/planning/spec/check-pod-template.ts, for laptops too; this file checks what only a
 * cluster knows. Pure.
 */
import type { SweepResource } from '../decide/sweep-resource.ts';

/** Allowed names; `*` in a name stands for any text. */
export interface PodPolicy {
  readonly serviceAccounts: readonly string[];
  readonly priorityClasses: readonly string[];
  /** Of Kueue. */
  readonly workloadPriorityClasses: readonly string[];
  /** Secrets that containers, volumes and image pulls may refer to. */
  readonly secrets: readonly string[];
  readonly configMaps: readonly string[];
  readonly images: readonly string[];
  readonly csiDrivers: readonly string[];
  /** Whether containers may run programs other than their image's own. */
  readonly commands: boolean;
}

type Allowed = Exclude<keyof PodPolicy, 'commands'>;

/** A name used somewhere in the pod. */
interface Use {
  readonly at: string;
  readonly found: string;
  readonly allowed: Allowed;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const entries = (value: unknown): readonly (readonly [index: number, Fields])[] =>
  Array.isArray(value) ? value.map((entry, i) => [i, fields(entry)]) : [];

/** The name used there, if any. */
const use = (allowed: Allowed, at: string, found: unknown): Use[] =>
  typeof found === 'string' && found !== '' ? [{ at, found, allowed }] : [];

function usesOfContainer(container: Fields, at: string): Use[] {
  const references = (value: Fields, place: string): Use[] => [
    ...use('secrets', `${place}.secretKeyRef.name`, fields(value['secretKeyRef'])['name']),
    ...use('secrets', `${place}.secretRef.name`, fields(value['secretRef'])['name']),
    ...use('configMaps', `${place}.configMapKeyRef.name`, fields(value['configMapKeyRef'])['name']),
    ...use('configMaps', `${place}.configMapRef.name`, fields(value['configMapRef'])['name']),
  ];
  return [
    ...use('images', `${at}.image`, container['image']),
    ...entries(container['env']).flatMap(([i, { valueFrom }]) => references(fields(valueFrom), `${at}.env[${i}].valueFrom`)),
    ...entries(container['envFrom']).flatMap(([i, source]) => references(source, `${at}.envFrom[${i}]`)),
  ];
}

function usesOfVolume(volume: Fields, at: string): Use[] {
  const csi = fields(volume['csi']);
  const sources = entries(fields(volume['projected'])['sources']);
  return [
    ...use('secrets', `${at}.secret.secretName`, fields(volume['secret'])['secretName']),
    ...use('configMaps', `${at}.configMap.name`, fields(volume['configMap'])['name']),
    ...use('csiDrivers', `${at}.csi.driver`, csi['driver']),
    ...use('secrets', `${at}.csi.nodePublishSecretRef.name`, fields(csi['nodePublishSecretRef'])['name']),
    ...sources.flatMap(([i, source]) => [
      ...use('secrets', `${at}.projected.sources[${i}].secret.name`, fields(source['secret'])['name']),
      ...use('configMaps', `${at}.projected.sources[${i}].configMap.name`, fields(source['configMap'])['name']),
    ]),
  ];
}

/** The containers of a pod, with their paths. */
const containersOf = (pod: Fields): (readonly [Fields, string])[] =>
  ['containers', 'initContainers'].flatMap((list) =>
    entries(pod[list]).map(([i, container]) => [container, `podTemplate.spec.${list}[${i}]`] as const),
  );

function usesOf({ spec }: Pick<SweepResource, 'spec'>): Use[] {
  const execution = fields(spec.execution);
  const pod = fields(fields(execution['podTemplate'])['spec']);
  return [
    ...use('priorityClasses', 'priorityClassName', execution['priorityClassName']),
    ...use('workloadPriorityClasses', 'workloadPriorityClassName', execution['workloadPriorityClassName']),
    ...use('priorityClasses', 'podTemplate.spec.priorityClassName', pod['priorityClassName']),
    ...use('serviceAccounts', 'podTemplate.spec.serviceAccountName', pod['serviceAccountName']),
    ...entries(pod['imagePullSecrets']).flatMap(([i, { name }]) =>
      use('secrets', `podTemplate.spec.imagePullSecrets[${i}].name`, name),
    ),
    ...entries(pod['volumes']).flatMap(([i, volume]) => usesOfVolume(volume, `podTemplate.spec.volumes[${i}]`)),
    ...containersOf(pod).flatMap(([container, at]) => usesOfContainer(container, at)),
  ];
}

const matches = (name: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  ).test(name);

/** @returns what the install does not allow, in words; undefined when it allows everything */
export function forbiddenInPods(resource: Pick<SweepResource, 'spec'>, policy: PodPolicy): string | undefined {
  const names = usesOf(resource)
    .filter(({ found, allowed }) => !policy[allowed].some((pattern) => matches(found, pattern)))
    .map(({ at, found, allowed }) => {
      const expected = policy[allowed].length === 0 ? 'nothing' : policy[allowed].join(', ');
      return refusal(at, expected, found, allowed);
    });
  const pod = fields(fields(fields(resource.spec.execution)['podTemplate'])['spec']);
  const programs = ['command', 'args'].flatMap((field) =>
    containersOf(pod).flatMap(([container, at]) => (container[field] === undefined ? [] : [`${at}.${field}`])),
  );
  const commands = policy.commands ? [] : programs.map((at) => refusal(at, 'nothing', 'a program', 'commands'));
  const all = [...names, ...commands];
  if (all.length === 0) return undefined;
  return `${all.join('; ')}. Remedy: leave it out, or have whoever runs the install allow it (podPolicy of the chart)`;
}

const refusal = (at: string, expected: string, found: string, value: keyof PodPolicy): string =>
  `execution.${at}: podPolicy.${value} allows ${expected}, found ${found}`;
