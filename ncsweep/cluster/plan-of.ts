/** The plan of a Sweep on a cluster, made as its orchestrator makes it. */
import { readPushedData } from '@ncsweep/orchestrator/engine/store/read-pushed-data';
import { nothingPushed } from '@ncsweep/orchestrator/planning/spec/pushed-data';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { admit } from '@ncsweep/orchestrator/cluster/decide/admit';
import { storeNeeds } from '@ncsweep/orchestrator/cluster/decide/store-needs';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import { NotFoundError } from '@ncsweep/protocol/errors';
import { backendName } from '@ncsweep/catalog/backends';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { storeOf } from './store-of.ts';

/**
 * The store is read only for the digests of pushed datasets, and for plug-ins.
 * @param location of the store as seen from here, where that differs
 * @throws NotFoundError when it is not planned, StoreUnavailableError
 */
export async function planOf(resource: SweepResource, location: string | undefined): Promise<Plan> {
  const { metadata, status } = resource;
  const backend = backendName.safeParse(status?.backend);
  if (!backend.success) throw new NotFoundError(`sweep ${metadata.name}: the cluster has not planned it yet`);
  const needs = storeNeeds(resource);
  const read = async () => readPushedData(await openStore(storeOf(resource, location), 'read'), needs.datasets, needs.plugins);
  const data = needs.reason === undefined ? nothingPushed : await read();
  const admission = admit(resource, data, { backend: backend.data, mostCells: Infinity });
  if (admission.kind === 'refused') throw new NotFoundError(admission.message);
  return admission.plan;
}
