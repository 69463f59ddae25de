/** Who asked an API server for what, from its audit log. Pure. */
import type { AuditedCall } from '../../test/harness/audit.ts';

/** Of a cluster. `observer`: what only this benchmark asks, to see how far a run is; no cluster has it. */
export type Party = 'client' | 'orchestrator' | 'controllers' | 'scheduler' | 'nodes' | 'API server' | 'observer';

const agents: readonly (readonly [start: string, party: Party])[] = [
  ['kubernetes-client-javascript', 'orchestrator'],
  // Its watches.
  ['undici', 'orchestrator'],
  ['kube-controller-manager', 'controllers'],
  ['kube-scheduler', 'scheduler'],
  ['kwok', 'nodes'],
  ['kube-apiserver', 'API server'],
];
const reads: readonly string[] = ['get', 'list', 'watch'];

/** The harness gives no name: it plays the person who submits and the kubelet of worker pods. */
function partyOf({ agent, verb, resource }: AuditedCall): Party {
  const known = agents.find(([start]) => agent.startsWith(start));
  if (known !== undefined) return known[1];
  if (agent !== '') throw new Error(`audit log: an unknown client, "${agent}"; add it to bench/control-plane/api-requests.ts`);
  if (reads.includes(verb)) return 'observer';
  return resource === 'pods' || resource === 'pods/status' ? 'nodes' : 'client';
}

/** Requests of a stretch of time, without the observer's. */
export interface Requests {
  readonly total: number;
  readonly of: Readonly<Partial<Record<Party, number>>>;
  /** Objects that were made. */
  readonly made: { readonly pods: number; readonly jobs: number };
}

/** @param fromMs @param toMs ms since 1970 */
export function requestsBetween(calls: readonly AuditedCall[], fromMs: number, toMs: number): Requests {
  const counted = calls.filter((call) => call.atMs >= fromMs && call.atMs < toMs && partyOf(call) !== 'observer');
  const parties = Map.groupBy(counted, partyOf);
  const made = (resource: string): number =>
    counted.filter((call) => call.verb === 'create' && call.resource === resource && call.code === 201).length;
  return {
    total: counted.length,
    of: Object.fromEntries([...parties].map(([party, theirs]) => [party, theirs.length])),
    made: { pods: made('pods'), jobs: made('jobs') },
  };
}
