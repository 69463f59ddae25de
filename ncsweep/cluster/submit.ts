/** Submits sweeps to a cluster. */
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import type { SweepDocument } from '@ncsweep/catalog/language/spec';
import { inFileOrder, InvalidSweepError } from '@ncsweep/orchestrator/planning/spec/problem';
import { checkSweep, namedPlugins } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { nothingKnown } from '@ncsweep/orchestrator/planning/spec/resolve-axes';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { readDefaults } from '../config.ts';
import { readNamedPlugins } from '../plugins/named-plugins.ts';
import { withPushedPlugins } from '../plugins/pushed-document.ts';
import { readSource, type SweepSource } from '../sweep-source.ts';
import { connectCluster } from './connect.ts';

export interface SubmitOptions extends Partial<ClusterChoice> {
  /** Overrides, each `path=value`. */
  readonly set?: readonly string[] | undefined;
  /**
   * Store of the Sweep, into which plug-ins are copied. Default: `storage.location` of the sweep, else `NCSWEEP_STORE` where that is in
   * S3. Unused by a sweep that names no folders of plug-ins.
   */
  readonly store?: string | undefined;
}

/** @param chosen by the caller @throws InvalidInputError */
function storeFor(chosen: string | undefined, { spec }: SweepDocument): string {
  const { defaultStore } = readDefaults();
  const location = chosen ?? spec.storage?.location ?? (defaultStore.startsWith('s3://') ? defaultStore : undefined);
  if (location !== undefined) return location;
  const folders = (spec.plugins ?? []).join(', ');
  throw new InvalidInputError(
    `spec.plugins: ${folders}: their code must be in the store of the Sweep, which is not known here. Remedy: --store s3://bucket/prefix, ` +
      'or NCSWEEP_STORE; or push each by itself, and name what `ncsweep plugin push FOLDER --store …` prints',
  );
}

/**
 * Submits a sweep to a cluster, or updates it there. The plug-ins that it names by their folders are copied into its store first.
 * @returns the Sweep as the API server has it afterwards
 * @throws InvalidSweepError with every problem; InvalidInputError with the API server's message; NotFoundError, UnreachableError,
 * StoreUnavailableError, CorruptObjectError
 * @example
 * ```ts no-run
 * import { submitSweep } from 'ncsweep';
 *
 * const { metadata } = await submitSweep('sweeps/quickstart.yaml', { namespace: 'vision' });
 * console.log(metadata.namespace, metadata.name);
 * ```
 */
export async function submitSweep(
  source: SweepSource,
  { set = [], store, ...cluster }: SubmitOptions = {},
): Promise<SweepResource> {
  const { bytes, name, folder } = await readSource(source);
  const text = { bytes, file: name, set };
  const refused: InvalidSweepError[] = [];
  const plugins = await readNamedPlugins(namedPlugins(text), folder, undefined, (error) => refused.push(error));
  const { problems, read } = checkSweep(text, { ...nothingKnown, plugins });
  const document = read?.document;
  const all = [...problems, ...refused.flatMap((error) => error.problems)].toSorted(inFileOrder);
  if (document === undefined || all.length > 0) throw new InvalidSweepError(name, all);
  const pushed = await withPushedPlugins(document, plugins, () => openStore(storeFor(store, document), 'write'));
  return (await connectCluster(cluster)).apply(pushed);
}
