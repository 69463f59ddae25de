/** Plug-ins in a store, under their identities. */
import { decodeArchive, mostArchiveBytes, otherContent, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import type { UsedPlugin } from '@ncsweep/catalog/plugins/used-plugins';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { StoredArchives } from '../../planning/spec/stored-plugins.ts';

/** What is stored under an identity: an object of more bytes than `most` is not read, and empty here. */
async function bytesUnder(store: ObjectStore, identity: string, most: number): Promise<Uint8Array | undefined> {
  const key = keys.plugin(identity);
  const there = await store.head(key);
  if (there === undefined) return undefined;
  return there.sizeBytes > most ? new Uint8Array() : store.get(key);
}

/** Reads the plug-ins of a sweep, which an orchestrator holds for many sweeps at once: all of them may be as large as one. @throws StoreUnavailableError */
export async function readArchives(store: ObjectStore, identities: readonly string[]): Promise<StoredArchives> {
  const archives = new Map<string, Uint8Array>();
  let left = mostArchiveBytes;
  for (const identity of new Set(identities)) {
    const bytes = await bytesUnder(store, identity, left);
    if (bytes === undefined) continue;
    archives.set(identity, bytes);
    left -= bytes.length;
  }
  return archives;
}

/** A plug-in with the text of its files. @returns undefined where the store lacks it @throws CorruptObjectError, StoreUnavailableError */
export async function readStoredArchive(store: ObjectStore, identity: string): Promise<PluginArchive | undefined> {
  const bytes = await bytesUnder(store, identity, mostArchiveBytes);
  if (bytes === undefined) return undefined;
  const archive = decodeArchive(bytes, identity);
  if (archive === undefined) throw new CorruptObjectError(keys.plugin(identity), otherContent);
  return archive;
}

/**
 * Copies what a worker reads.
 * @param code to copy in place of the store's
 * @throws CorruptObjectError where the store lacks it or has something else; StoreUnavailableError
 */
export async function copyPlugin(
  from: ObjectStore,
  { plugin, identity }: UsedPlugin,
  to: ObjectStore,
  code?: PluginArchive,
): Promise<void> {
  const archive = code ?? (await readStoredArchive(from, identity));
  const key = keys.plugin(identity);
  if (archive === undefined)
    throw new CorruptObjectError(key, `the plug-in ${plugin} is not in ${from.location}. Remedy: ncsweep plugin push FOLDER`);
  await to.putIfAbsent(key, encodeJson(archive));
}
