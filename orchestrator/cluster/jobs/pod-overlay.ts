/**
 * Merges what a sweep says about its pods (`execution.podTemplate`) onto the template of a wave. Pure. As Kubernetes merges by strategy:
 * fields into fields; containers, environment and volumes by name; mounts by path; tolerations are added; everything else replaces.
 * What may be written is decided in orchestrator/planning/spec/check-pod-template.ts.
 */
import { containerSecurity } from './pod.ts';

type Json = Readonly<Record<string, unknown>>;

/** Lists that are merged, by the field that tells their entries apart. */
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
/** Lists that are added to. */
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

/** @returns the template, all containers of which pass restricted pod security */
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
