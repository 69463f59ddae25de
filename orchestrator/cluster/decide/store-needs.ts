/** What must be read from a Sweep's store before it can be planned. Pure. */
import type { DataReference } from '../../planning/spec/pushed-data.ts';
import { inStore } from '../../planning/spec/plugin-references.ts';
import type { Refused } from './admit.ts';
import type { SweepResource } from './sweep-resource.ts';

interface StoreNeeds {
  /** Datasets whose files are looked up. */
  readonly datasets: readonly DataReference[];
  /** Identities of plug-ins. */
  readonly plugins: readonly string[];
  /** Why the Sweep is refused when the store cannot be read; undefined if nothing is read. */
  readonly reason: Refused['reason'] | undefined;
}

export function storeNeeds({ spec }: SweepResource): StoreNeeds {
  const datasets = (spec.dataset ?? []).flatMap(({ name, pushed, digest, volume }) =>
    pushed !== undefined || (digest !== undefined && volume === undefined) ? [{ dataset: name, pushed, digest }] : [],
  );
  const plugins = (spec.plugins ?? []).flatMap((reference) => inStore(reference)?.identity ?? []);
  const reason = datasets.length > 0 ? 'DatasetUnresolved' : plugins.length > 0 ? 'PluginUnresolved' : undefined;
  return { datasets, plugins, reason };
}
