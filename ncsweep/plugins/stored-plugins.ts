/** Brings plug-ins into a store, under their identities. */
import type { UsedPlugin } from '@ncsweep/catalog/plugins/used-plugins';
import { pluginsOfSweep } from '@ncsweep/catalog/plugins/used-plugins';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { readStoredArchive } from '@ncsweep/orchestrator/engine/store/read-plugins';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readPluginFolder, type Plugin } from './plugin-folder.ts';

/**
 * Workers read plug-ins from the store only, so that nothing that changes in somebody's folder reaches them.
 * @returns whether the store lacked it
 * @throws CorruptObjectError when something else is there; StoreUnavailableError
 */
export async function storePlugin(store: ObjectStore, { identity, archive }: Plugin): Promise<boolean> {
  const isNew = await store.putIfAbsent(keys.plugin(identity), encodeJson(archive));
  if (!isNew) await readStoredArchive(store, identity);
  return isNew;
}

/** @throws InvalidInputError when the folder has other content than this plug-in; and as `storePlugin` */
export async function storeFolder(store: ObjectStore, { plugin, identity }: UsedPlugin, folder: string): Promise<void> {
  const found = await readPluginFolder(folder);
  if (found.identity !== identity)
    throw new InvalidInputError(
      `plug-in ${plugin}: its folder ${folder} changed since the sweep was read. Remedy: run the command again`,
    );
  await storePlugin(store, found);
}

/** Brings the plug-ins that a sweep uses into the store. @throws InvalidInputError for one that is neither there nor in its folder; and as `storePlugin` */
export async function storePluginsOf(sweep: Sweep, store: ObjectStore): Promise<void> {
  for (const used of pluginsOfSweep(sweep)) {
    const { plugin, identity } = used;
    if ((await readStoredArchive(store, identity)) !== undefined) continue;
    const folder = sweep.sources[identity];
    if (folder === undefined)
      throw new InvalidInputError(
        `plug-in ${plugin}@sha256:${identity}: not in ${store.location}. Remedy: name its folder in spec.plugins`,
      );
    await storeFolder(store, used, folder);
  }
}
