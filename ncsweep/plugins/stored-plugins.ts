/** Brings plug-ins and their parts into a store, under their identities. */
import { identityOf, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { partArchive, partIdentities } from '@ncsweep/catalog/plugins/part-archive';
import { pluginsOfSweep, type UsedPlugin } from '@ncsweep/catalog/plugins/used-plugins';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { readStoredArchive } from '@ncsweep/orchestrator/engine/store/read-plugins';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readPluginFolder, type Plugin } from './plugin-folder.ts';

async function put(store: ObjectStore, identity: string, archive: PluginArchive): Promise<boolean> {
  const isNew = await store.putIfAbsent(keys.plugin(identity), encodeJson(archive));
  if (!isNew) await readStoredArchive(store, identity);
  return isNew;
}

/**
 * Workers read the archives of parts from the store only, so that nothing that changes in somebody's folder reaches them. The whole plug-in,
 * by which sweeps name it, comes last: where it is, its parts are.
 * @returns whether the store lacked it
 * @throws CorruptObjectError when something else is there; StoreUnavailableError
 */
export async function storePlugin(store: ObjectStore, { identity, archive }: Plugin): Promise<boolean> {
  for (const part of archive.manifest.parts) {
    const alone = partArchive(archive, part);
    await put(store, identityOf(alone), alone);
  }
  return put(store, identity, archive);
}

/**
 * @param used the plug-in or one of its parts
 * @throws InvalidInputError when the folder has other content; and as `storePlugin`
 */
export async function storeFolder(store: ObjectStore, { plugin, identity }: UsedPlugin, folder: string): Promise<void> {
  const found = await readPluginFolder(folder);
  if (found.identity !== identity && ![...partIdentities(found.archive).values()].includes(identity))
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
