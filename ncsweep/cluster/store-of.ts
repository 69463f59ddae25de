import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import { NotFoundError } from '@ncsweep/protocol/errors';

/** Location of a Sweep's store. @param chosen the same store as seen from here, where that differs @throws NotFoundError */
export function storeOf({ metadata, status }: SweepResource, chosen: string | undefined): string {
  const location = chosen ?? status?.store;
  if (location === undefined)
    throw new NotFoundError(
      `sweep ${metadata.name}: the cluster has not yet reported where its results are; name the store with --store`,
    );
  return location;
}
