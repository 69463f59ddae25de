/** What garbage collection and fsck know about plug-ins in a store. */
import { declaredIdentity, decodeArchive, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { partIdentities } from '@ncsweep/catalog/plugins/part-archive';
import { pluginsOfSweep } from '@ncsweep/catalog/plugins/used-plugins';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readLedger } from '../store/roots.ts';
import type { Damage } from './damage.ts';

/** Keys of the parts that the latest plan of some sweep uses. @throws CorruptObjectError: run fsck first */
async function usedParts(store: ObjectStore): Promise<ReadonlySet<string>> {
  const wanted = new Set<string>();
  for await (const { key } of store.list(keys.sweeps)) {
    const uid = /^v1\/sweeps\/([^/]+)\/ledger\.json$/.exec(key)?.[1];
    const ledger = uid === undefined ? undefined : await readLedger(store, uid);
    for (const { identity } of ledger === undefined ? [] : pluginsOfSweep(ledger.sweep)) wanted.add(keys.plugin(identity));
  }
  return wanted;
}

/**
 * Keys of the plug-ins of which the latest plan of some sweep uses a part, and of all their parts: who names a plug-in may use any of them.
 * The code of a declared science always stays, because results may be left that no other code may claim.
 * @throws CorruptObjectError: run fsck first
 */
export async function wantedPlugins(store: ObjectStore): Promise<ReadonlySet<string>> {
  const used = await usedParts(store);
  const wanted = new Set(used);
  for await (const { key } of store.list(keys.allPlugins)) {
    const archive = await storedArchive(store, key);
    if (archive === undefined) continue;
    const parts = [...partIdentities(archive).values()].map(keys.plugin);
    if (parts.some((part) => used.has(part))) for (const each of [key, ...parts]) wanted.add(each);
    if (declaredIdentity(archive) === identityIn(key)) wanted.add(key);
  }
  return wanted;
}

const identityIn = (key: string): string => key.slice(keys.allPlugins.length, -'.json'.length);

/** undefined where it is gone or something else. */
async function storedArchive(store: ObjectStore, key: string): Promise<PluginArchive | undefined> {
  const bytes = await store.get(key);
  return bytes && decodeArchive(bytes, identityIn(key));
}

/** Finds plug-ins whose content is not what their name says. */
export async function checkPlugins(store: ObjectStore): Promise<Damage[]> {
  const damages: Damage[] = [];
  for await (const { key } of store.list(keys.allPlugins)) {
    const bytes = await store.get(key);
    if (bytes !== undefined && decodeArchive(bytes, identityIn(key)) === undefined)
      damages.push({ key, problem: 'its content is not the plug-in of this identity', repair: key });
  }
  return damages;
}
