/** Submits sweeps to a cluster. */
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { readSource, type SweepSource } from '../sweep-source.ts';
import { connectCluster } from './connect.ts';

export interface SubmitOptions extends Partial<ClusterChoice> {
  /** Overrides, each `path=value`. */
  readonly set?: readonly string[] | undefined;
}

/**
 * Submits a sweep to a cluster, or updates it there.
 * @returns the Sweep as the API server has it afterwards
 * @throws InvalidSweepError with every problem; InvalidInputError with the API server's message; NotFoundError, UnreachableError
 * @example
 * ```ts no-run
 * import { submitSweep } from 'ncsweep';
 *
 * const { metadata } = await submitSweep('sweeps/quickstart.yaml', { namespace: 'vision' });
 * console.log(metadata.namespace, metadata.name);
 * ```
 */
export async function submitSweep(source: SweepSource, { set = [], ...cluster }: SubmitOptions = {}): Promise<SweepResource> {
  const { bytes, name } = await readSource(source);
  const { document } = readSweep({ bytes, file: name, set });
  return (await connectCluster(cluster)).apply(document);
}
