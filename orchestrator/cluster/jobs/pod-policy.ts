/**
 * What the install allows a Sweep's author to set in pods: which identities, secrets, priorities and programs. The form of a
 * `podTemplate` is checked in orchestrator/planning/spec/check-pod-template.ts, for laptops too; this file checks what only a
 * cluster knows. Pure.
 */
import { fill } from '../../planning/spec/filled-text.ts';
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

export type Allowed = Exclude<keyof PodPolicy, 'commands'>;

/** A name used somewhere in the pod. */
interface Use {
  readonly at: string;
  readonly found: string;
  readonly allowed: Allowed;
}

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});

/** Where the fields below lie, from `execution` on; `*` is each entry of a list. */
const inPod = (...steps: string[]): string[] => ['podTemplate', 'spec', ...steps];
export const containerLists = ['containers', 'initContainers'] as const;

const references: readonly (readonly [allowed: Allowed, steps: readonly string[]])[] = [
  ['secrets', ['secretKeyRef', 'name']],
  ['secrets', ['secretRef', 'name']],
  ['configMaps', ['configMapKeyRef', 'name']],
  ['configMaps', ['configMapRef', 'name']],
];

/** Every place that names something the install may allow. */
export const namingPlaces: readonly (readonly [allowed: Allowed, steps: readonly string[]])[] = [
  ['priorityClasses', ['priorityClassName']],
  ['workloadPriorityClasses', ['workloadPriorityClassName']],
  ['priorityClasses', inPod('priorityClassName')],
  ['serviceAccounts', inPod('serviceAccountName')],
  ['secrets', inPod('imagePullSecrets', '*', 'name')],
  ['secrets', inPod('volumes', '*', 'secret', 'secretName')],
  ['configMaps', inPod('volumes', '*', 'configMap', 'name')],
  ['csiDrivers', inPod('volumes', '*', 'csi', 'driver')],
  ['secrets', inPod('volumes', '*', 'csi', 'nodePublishSecretRef', 'name')],
  ['secrets', inPod('volumes', '*', 'projected', 'sources', '*', 'secret', 'name')],
  ['configMaps', inPod('volumes', '*', 'projected', 'sources', '*', 'configMap', 'name')],
  ...containerLists.flatMap((list) => [
    ['images', inPod(list, '*', 'image')] as const,
    ...references.flatMap(([allowed, steps]) => [
      [allowed, inPod(list, '*', 'env', '*', 'valueFrom', ...steps)] as const,
      [allowed, inPod(list, '*', 'envFrom', '*', ...steps)] as const,
    ]),
  ]),
];

/** Where programs other than the images' own are named. */
export const commandPlaces: readonly (readonly string[])[] = ['command', 'args'].flatMap((field) =>
  containerLists.map((list) => inPod(list, '*', field)),
);

interface Found {
  readonly at: string;
  readonly value: unknown;
}

/** What lies at the end of the steps. */
function foundAt(value: unknown, [step, ...rest]: readonly string[], at = ''): Found[] {
  if (step === undefined) return value === undefined ? [] : [{ at, value }];
  if (step !== '*') return foundAt(fields(value)[step], rest, at === '' ? step : `${at}.${step}`);
  return Array.isArray(value) ? value.flatMap((entry, i) => foundAt(entry, rest, `${at}[${i}]`)) : [];
}

const usesOf = (execution: unknown): Use[] =>
  namingPlaces.flatMap(([allowed, steps]) =>
    foundAt(execution, steps).flatMap(({ at, value }) =>
      typeof value === 'string' && value !== '' ? [{ at, found: value, allowed }] : [],
    ),
  );

const matches = (name: string, pattern: string): boolean =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    's',
  ).test(name);

/** The words for a name, or a program, that is not allowed. */
export const podRefusal = 'execution.{at}: podPolicy.{value} allows {expected}, found {found}';
export const podRemedy = 'leave it out, or ask an administrator of the install to allow it (podPolicy of the chart)';
/** What is found where a program is named. */
export const aProgram = 'a program';
export const allowedText = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));

/** @returns what the install does not allow, in words; undefined when it allows everything */
export function forbiddenInPods({ spec }: Pick<SweepResource, 'spec'>, policy: PodPolicy): string | undefined {
  const names = usesOf(spec.execution)
    .filter(({ found, allowed }) => !policy[allowed].some((pattern) => matches(found, pattern)))
    .map(({ at, found, allowed }) => fill(podRefusal, { at, value: allowed, expected: allowedText(policy[allowed]), found }));
  const programs = policy.commands ? [] : commandPlaces.flatMap((steps) => foundAt(spec.execution, steps));
  const commands = programs.map(({ at }) =>
    fill(podRefusal, { at, value: 'commands', expected: allowedText([]), found: aProgram }),
  );
  const all = [...names, ...commands];
  return all.length === 0 ? undefined : `${all.join('; ')}. Remedy: ${podRemedy}`;
}
