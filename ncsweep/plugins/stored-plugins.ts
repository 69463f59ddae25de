/** Plug-ins in a store, under their identities. */
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { decodeArchive, otherContent } from '@ncsweep/catalog/plugins/archive';
import { pluginsOfSweep } from '@ncsweep/catalog/plugins/used-plugins';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { keys } from '@ncsweep/protocol/keys';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readPluginFolder, type Plugin } from './plugin-folder.ts';

/** undefined where the store lacks it. @throws CorruptObjectError, StoreUnavailableError */
export async function readStoredPlugin(store: ObjectStore, identity: string): Promise<Plugin | undefined> {
  const bytes = await store.get(keys.plugin(identity));
  if (bytes === undefined) return undefined;
  const archive = decodeArchive(bytes, identity);
  if (archive === undefined) throw new CorruptObjectError(keys.plugin(identity), otherContent);
  return { identity, archive };
}

/** Workers read plug-ins from the store only, so that nothing that changes in somebody's folder reaches them. */
export async function storePlugin(store: ObjectStore, { identity, archive }: Plugin): Promise<void> {
  await store.putIfAbsent(keys.plugin(identity), encodeJson(archive));
}

/** Brings the plug-ins that a sweep uses into the store. @throws InvalidInputError for one that is neither there nor in its folder */
export async function storePluginsOf(sweep: Sweep, store: ObjectStore): Promise<void> {
  for (const { plugin, identity } of pluginsOfSweep(sweep)) {
    if ((await store.head(keys.plugin(identity))) !== undefined) continue;
    const folder = sweep.sources[identity];
    const found = folder === undefined ? undefined : await readPluginFolder(folder);
    if (found?.identity === identity) await storePlugin(store, found);
    else if (found === undefined)
      throw new InvalidInputError(
        `plug-in ${plugin}@sha256:${identity}: not in ${store.location}. Remedy: name its folder in spec.plugins`,
      );
    else
      throw new InvalidInputError(
        `plug-in ${plugin}: its folder ${folder} changed since the sweep was read. Remedy: run it again`,
      );
  }
}
