/** A Sweep on a cluster as its orchestrator last planned it. */
import { readLedger } from '@ncsweep/orchestrator/engine/store/roots';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import type { SweepClient } from '@ncsweep/orchestrator/kube/sweep-client';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { NotFoundError } from '@ncsweep/protocol/errors';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { connectCluster } from './connect.ts';
import { storeOf } from './store-of.ts';

export interface PlannedChoice extends Partial<ClusterChoice> {
  /** The Sweep's store as seen from here. Default: as its pods see it. */
  readonly store?: string | undefined;
}

export interface PlannedSweep {
  readonly client: SweepClient;
  readonly resource: SweepResource;
  readonly store: ObjectStore;
  readonly plan: Plan;
}

/** Why there is no plan, as the status says it. */
function whyUnplanned({ status }: SweepResource): string {
  const found = status?.conditions?.find(({ type, status: truth }) => type === 'Planned' && truth === 'False');
  return found === undefined ? '' : `. ${found.reason}: ${found.message}`;
}

/** @param unplanned what follows when it was never planned @throws NotFoundError, StoreUnavailableError, UnreachableError */
export async function plannedSweep(
  name: string,
  { store: location, ...cluster }: PlannedChoice,
  use: 'read' | 'write',
  unplanned: string,
): Promise<PlannedSweep> {
  const client = await connectCluster(cluster);
  const resource = await client.get(name);
  const store = await openStore(storeOf(resource, location), use);
  const ledger = await readLedger(store, resource.metadata.uid);
  if (ledger === undefined) throw new NotFoundError(`${name}: it was never planned, so ${unplanned}${whyUnplanned(resource)}`);
  return { client, resource, store, plan: planSweep(ledger.sweep, ledger.backend, ledger.batchSize) };
}
