/** Queries a store about the datasets and plug-ins that a sweep names. */
import type { FoundData } from '@ncsweep/protocol/found-data';
import { type NamedDataset, readIndex, readName } from '@ncsweep/protocol/store/dataset-records';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { DataReference, PushedData } from '../../planning/spec/pushed-data.ts';
import { readArchives } from './read-plugins.ts';

/** @param plugins their identities @throws CorruptObjectError, StoreUnavailableError */
export async function readPushedData(
  store: ObjectStore,
  references: readonly DataReference[],
  plugins: readonly string[] = [],
): Promise<PushedData> {
  const names = new Map<string, NamedDataset>();
  const digests = new Set<string>();
  const found = new Map<string, FoundData>();
  for (const { pushed, digest } of references) {
    const named = pushed === undefined ? undefined : await readName(store, pushed);
    if (pushed !== undefined && named !== undefined) names.set(pushed, named);
    const wanted = digest ?? named?.digest;
    const index = wanted === undefined ? undefined : await readIndex(store, wanted);
    if (wanted === undefined || index === undefined) continue;
    digests.add(wanted);
    if (index.found !== undefined) found.set(wanted, index.found);
  }
  return { location: store.location, names, digests, found, archives: await readArchives(store, plugins) };
}
