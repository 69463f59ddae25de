/**
 * Where the Sweeps of a namespace may keep their results: only at locations that the install names. Otherwise anyone who may create
 * a Sweep could have the orchestrator sign requests to any host, write below any prefix, or open a folder of its own pod. Pure.
 */
import { fill } from '../../planning/spec/filled-text.ts';
import type { SweepResource } from '../decide/sweep-resource.ts';

/** A location besides the install's own. `{namespace}` in it stands for the Sweep's namespace. */
export interface AllowedStore {
  readonly location: string;
  /** Namespaces whose Sweeps may name it; undefined: all. */
  readonly namespaces?: readonly string[] | undefined;
  /** Secret with the credentials for it, in the namespaces of Sweeps; undefined: those of the install. */
  readonly secretName?: string | undefined;
  /** Files with the orchestrator's credentials for it; undefined: its own. */
  readonly credentialsFolder?: string | undefined;
}

export interface StorePolicy {
  /** The install's own location. */
  readonly own: string;
  /** Sweeps keep their results below a prefix for their namespace, and share none with other namespaces. */
  readonly separate: boolean;
  readonly allowed: readonly AllowedStore[];
}

export type Placed =
  { readonly kind: 'allowed'; readonly store: AllowedStore } | { readonly kind: 'refused'; readonly message: string };

const parts = (location: string): readonly [base: string, query: string] => {
  const at = location.indexOf('?');
  const [base, query] = at < 0 ? [location, ''] : [location.slice(0, at), location.slice(at)];
  return [base.replace(/\/+$/, ''), query];
};

/** A location below another, on the same service. */
export function below(location: string, path: string): string {
  const [base, query] = parts(location);
  return `${base}/${path}${query}`;
}

/** Folder names as stores accept them; "." and ".." are not among them. */
export const folderName = /^[A-Za-z0-9._-]+$/;
export const dotsOnly = /^[.]+$/;
const isPath = (text: string): boolean => text.split('/').every((name) => folderName.test(name) && !dotsOnly.test(name));

/** Whether the locations are equal; the requested one may leave out the service's address. */
function isAt(asked: string, allowed: string): boolean {
  const [base, query] = parts(asked);
  const [allowedBase, allowedQuery] = parts(allowed);
  return base === allowedBase && (query === '' || query === allowedQuery);
}

/** @returns the location as the install writes it; undefined when it is not below the namespace's prefix */
function inNamespace(asked: string, own: string): string | undefined {
  const [base, query] = parts(asked);
  const [ownBase, ownQuery] = parts(own);
  if (query !== '' && query !== ownQuery) return undefined;
  if (base === ownBase) return own;
  if (!base.startsWith(`${ownBase}/`)) return undefined;
  const path = base.slice(ownBase.length + 1);
  return isPath(path) ? below(own, path) : undefined;
}

/**
 * Where a Sweep's results are kept, or why they may not be kept where it says. A namespace's prefix has its own folder, so that no
 * namespace name collides with a key of the store above it.
 */
export function placeOf({ metadata, spec }: Pick<SweepResource, 'metadata' | 'spec'>, policy: StorePolicy): Placed {
  const { namespace } = metadata;
  const asked = spec.storage?.location;
  const mine = below(policy.own, `namespaces/${namespace}`);
  const byDefault = policy.separate ? mine : policy.own;
  const others = policy.allowed
    .filter(({ namespaces }) => namespaces === undefined || namespaces.includes(namespace))
    .map((store) => ({ ...store, location: store.location.replaceAll('{namespace}', namespace) }));
  const at = (location: string): Placed => ({ kind: 'allowed', store: { location } });
  if (asked === undefined || isAt(asked, byDefault)) return at(byDefault);
  const inMine = inNamespace(asked, mine);
  if (inMine !== undefined) return at(inMine);
  const other = others.find(({ location }) => isAt(asked, location));
  if (other !== undefined) return { kind: 'allowed', store: other };
  const names = [byDefault, mine, ...others.map(({ location }) => location)].map((each) => parts(each)[0]);
  return { kind: 'refused', message: refusal(asked, [...new Set(names)]) };
}

/** The words for a location that is not allowed. */
export const storeRefusal =
  'storage.location: expected {names}, or a prefix below that of the namespace, found {found}. Remedy: leave it out, or ask an ' +
  'administrator of the install to allow it (store.allowed of the chart)';

const refusal = (asked: string, names: readonly string[]): string =>
  fill(storeRefusal, { names: names.join(' or '), found: parts(asked)[0] });
