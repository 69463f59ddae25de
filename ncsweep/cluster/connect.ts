/** Connections to a cluster. The Kubernetes client is loaded only when needed, because loading it takes a second. */
import type { ClusterInspection } from '@ncsweep/orchestrator/kube/cluster-inspection';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import type { SweepClient } from '@ncsweep/orchestrator/kube/sweep-client';

/**
 * Connects to the Sweeps of a cluster as kubectl would.
 * @throws InvalidInputError for a kubeconfig or context that does not exist
 * @example
 * ```ts no-run
 * import { connectCluster } from 'ncsweep';
 *
 * const cluster = await connectCluster({ namespace: 'vision' });
 * for (const { metadata, status } of await cluster.list(false)) console.log(metadata.name, status?.phase);
 * ```
 */
export async function connectCluster({ kubeconfig, context, namespace }: Partial<ClusterChoice> = {}): Promise<SweepClient> {
  const { SweepClient: Client } = await import('@ncsweep/orchestrator/kube/sweep-client');
  return Client.connect({ kubeconfig, context, namespace });
}

/** What `ncsweep doctor` examines. @throws InvalidInputError for a kubeconfig or context that does not exist */
export async function inspectCluster(choice: ClusterChoice): Promise<ClusterInspection> {
  const { inspectCluster: inspect } = await import('@ncsweep/orchestrator/kube/cluster-inspection');
  return inspect(choice);
}
