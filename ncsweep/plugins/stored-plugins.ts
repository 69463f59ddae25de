/** Brings plug-ins and their parts into a store, under their identities. */
import { declaredIdentity, identityOf, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { partIdentities, partsAlone } from '@ncsweep/catalog/plugins/part-archive';
import { pluginsOfSweep, type UsedPlugin } from '@ncsweep/catalog/plugins/used-plugins';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { readStoredArchive } from '@ncsweep/orchestrator/engine/store/read-plugins';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readPluginFolder, type Plugin } from './plugin-folder.ts';

async function put(store: ObjectStore, identity: string, archive: PluginArchive): Promise<boolean> {
  if (await store.putIfAbsent(keys.plugin(identity), encodeJson(archive))) return true;
  const there = await readStoredArchive(store, identity);
  if (there !== undefined && identityOf(there) !== identityOf(archive)) throw otherCode(archive, store.location);
  return false;
}

/** A part declares its science, and its code is not that with which results were made. */
function otherCode({ manifest: { plugin, parts } }: PluginArchive, location: string): InvalidInputError {
  const [{ kind, name, science } = { kind: '', name: '', science: 0 }] = parts;
  return new InvalidInputError(
    `plug-in ${plugin}: ${kind} ${name} declares science ${science}, under which ${location} has other code. ` +
      'Remedy: raise its science; or, if both compute the same, `ncsweep verify SWEEP --plugin FOLDER` shows it and takes over the new code',
  );
}

/**
 * Workers read the archives of parts from the store only, so that nothing that changes in somebody's folder reaches them. The whole plug-in,
 * by which sweeps name it, comes last: where it is, its parts are.
 * @returns whether the store lacked it
 * @throws CorruptObjectError when something else is there; StoreUnavailableError
 */
export async function storePlugin(store: ObjectStore, { identity, archive }: Plugin): Promise<boolean> {
  for (const { archive: alone, identity: of } of partsAlone(archive)) await put(store, of, alone);
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
    const folder = sweep.sources[identity];
    const there = await readStoredArchive(store, identity);
    if (there !== undefined && (folder === undefined || declaredIdentity(there) !== identity)) continue;
    if (folder === undefined)
      throw new InvalidInputError(
        `plug-in ${plugin}@sha256:${identity}: not in ${store.location}. Remedy: name its folder in spec.plugins`,
      );
    await storeFolder(store, used, folder);
  }
}
