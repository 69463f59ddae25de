/**
 * Merges what the install and a sweep say about pods (`podTemplate`, `execution.podTemplate`) into those of waves and reports, in
 * the manner of a Kubernetes strategic merge: fields into fields; containers, environment and volumes by name; mounts by path;
 * tolerations are added; everything else replaces. Pure. orchestrator/planning/spec/check-pod-template.ts decides what may be
 * written.
 */
import { containerSecurity } from './pod.ts';

type Json = Readonly<Record<string, unknown>>;

/** Lists that are merged, with the field that identifies their entries. */
const mergeKeys: Readonly<Record<string, string>> = {
  containers: 'name',
  env: 'name',
  hostAliases: 'ip',
  imagePullSecrets: 'name',
  initContainers: 'name',
  resourceClaims: 'name',
  volumeMounts: 'mountPath',
  volumes: 'name',
};
/** Lists whose entries are appended. */
const added = new Set(['tolerations', 'topologySpreadConstraints']);

const isFields = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function mergeLists(base: readonly Json[], overlay: readonly Json[], key: string): Json[] {
  const merged = new Map(base.map((entry) => [entry[key], entry]));
  for (const entry of overlay) merged.set(entry[key], mergeFields(merged.get(entry[key]) ?? {}, entry));
  return [...merged.values()];
}

function mergeValue(name: string, base: unknown, overlay: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(overlay)) {
    const key = mergeKeys[name];
    if (key !== undefined) return mergeLists(base as Json[], overlay as Json[], key);
    return added.has(name) ? [...(base as unknown[]), ...(overlay as unknown[])] : overlay;
  }
  return isFields(base) && isFields(overlay) ? mergeFields(base, overlay) : overlay;
}

function mergeFields(base: Json, overlay: Json): Json {
  const merged = Object.entries(overlay).map(([name, value]) => [name, mergeValue(name, base[name], value)]);
  return { ...base, ...(Object.fromEntries(merged) as Json) };
}

const specOf = (overlay: Json): Json => (isFields(overlay['spec']) ? overlay['spec'] : {});
const listOf = (spec: Json, name: string): readonly Json[] => (Array.isArray(spec[name]) ? (spec[name] as Json[]) : []);

/** The part of an overlay for workers: everything but the report container. */
export function ofWorkers(overlay: Json): Json {
  const spec = specOf(overlay);
  if (spec['containers'] === undefined) return overlay;
  return { ...overlay, spec: { ...spec, containers: listOf(spec, 'containers').filter(({ name }) => name !== 'report') } };
}

/** The nodes and devices that workers need say nothing about a report. */
const onlyOfWorkers = ['affinity', 'nodeSelector', 'resourceClaims', 'runtimeClassName', 'topologySpreadConstraints'];

/**
 * The part of an overlay for reports: labels, identity, rights, volumes and network of the pod; the container `report`; and what
 * runs beside it (init containers with `restartPolicy: Always`), such as a proxy to the store.
 */
export function ofReports(overlay: Json): Json {
  const spec = specOf(overlay);
  const kept = Object.entries(spec).filter(([field]) => !onlyOfWorkers.includes(field));
  const containers = listOf(spec, 'containers').filter(({ name }) => name === 'report');
  const initContainers = listOf(spec, 'initContainers').filter(({ restartPolicy }) => restartPolicy === 'Always');
  const lists = Object.entries({ containers, initContainers }).map(([name, list]) => [name, spec[name] && list] as const);
  const there = lists.filter(([, list]) => list !== undefined);
  return { ...overlay, spec: { ...(Object.fromEntries(kept) as Json), ...(Object.fromEntries(there) as Json) } };
}

/** @returns the merged template; all its containers satisfy restricted pod security */
export function overlayPod(template: Json, overlay: Json): Json {
  const merged = mergeFields(template, overlay);
  const spec = merged['spec'] as Json;
  const secured = ['containers', 'initContainers'].flatMap((list) =>
    spec[list] === undefined
      ? []
      : [[list, (spec[list] as Json[]).map((container) => ({ ...container, securityContext: containerSecurity }))]],
  );
  return { ...merged, spec: { ...spec, ...(Object.fromEntries(secured) as Json) } };
}
