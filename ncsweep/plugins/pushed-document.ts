/** A sweep as a cluster takes it: its plug-ins are in the store, and it names them by their identities. */
import type { SweepDocument } from '@ncsweep/catalog/language/spec';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { NamedPlugins } from './named-plugins.ts';
import { storeFolder } from './stored-plugins.ts';

/**
 * Copies the folders that a sweep names into its store.
 * @param openStore called only if it names folders
 * @returns the sweep without folders
 * @throws CorruptObjectError, StoreUnavailableError; InvalidInputError when a folder changed meanwhile
 */
export async function withPushedPlugins(
  document: SweepDocument,
  { byReference, sources }: NamedPlugins,
  openStore: () => Promise<ObjectStore>,
): Promise<SweepDocument> {
  const references = new Map<string, string>();
  for (const [reference, { identity, manifest }] of byReference) {
    const folder = sources[identity];
    if (folder === undefined) continue;
    await storeFolder(await openStore(), { plugin: manifest.plugin, identity }, folder);
    references.set(reference, `${manifest.plugin}@sha256:${identity}`);
  }
  if (references.size === 0) return document;
  const { spec } = document;
  return { ...document, spec: { ...spec, plugins: (spec.plugins ?? []).map((each) => references.get(each) ?? each) } };
}
