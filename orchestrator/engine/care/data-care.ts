/** What garbage collection and fsck know about pushed datasets (protocol/store/push-dataset.ts). */
import { sha256 } from '@ncsweep/protocol/canonical';
import { keys } from '@ncsweep/protocol/keys';
import {
  type DatasetIndex,
  decodeIndex,
  listNames,
  missingShards,
  readIndex,
  readName,
} from '@ncsweep/protocol/store/dataset-records';
import { CorruptObjectError, type ObjectStore } from '@ncsweep/protocol/store/object-store';
import { readLedger } from '../store/roots.ts';
import type { Damage } from './damage.ts';

/** Digests of the datasets that a name refers to, or that the latest plan of a sweep wants. */
async function wantedDatasets(store: ObjectStore): Promise<Set<string>> {
  const wanted = new Set<string>();
  for await (const { digest } of listNames(store)) wanted.add(digest);
  for await (const { key } of store.list(keys.sweeps)) {
    const uid = /^v1\/sweeps\/([^/]+)\/ledger\.json$/.exec(key)?.[1];
    const ledger = uid === undefined ? undefined : await readLedger(store, uid);
    for (const { params } of ledger?.sweep.datasets ?? []) wanted.add(params.digest);
  }
  return wanted;
}

/** Keys below `v1/data/` that stay, regardless of age. @throws CorruptObjectError: run fsck first */
export async function wantedData(store: ObjectStore): Promise<ReadonlySet<string>> {
  const wanted = new Set<string>();
  for (const digest of await wantedDatasets(store)) {
    const index = await readIndex(store, digest);
    if (index === undefined) continue;
    wanted.add(keys.data(digest));
    for (const shard of index.shards) wanted.add(keys.data(shard.sha256));
  }
  return wanted;
}

/** Finds names that refer to nothing, indexes whose shards are gone, and bytes that do not match their key. */
export async function checkData(store: ObjectStore): Promise<Damage[]> {
  const damages: Damage[] = [];
  const indexes = new Map<string, DatasetIndex>();
  for await (const { key } of store.list(keys.allData)) {
    const [bytes, digest] = [await store.get(key), key.slice(keys.allData.length)];
    if (bytes === undefined || sha256(bytes) === digest) continue;
    const index = decodeIndex(bytes, digest);
    if (index === undefined) damages.push({ key, problem: 'its content is not what was pushed', repair: key });
    else indexes.set(digest, index);
  }
  const damaged = new Set(damages.map(({ key }) => key));
  for (const [digest, index] of indexes) {
    const gone = (await missingShards(store, index)).filter((key) => !damaged.has(key));
    for (const key of gone) damages.push({ key, problem: 'missing: push the dataset again', repair: keys.data(digest) });
  }
  for await (const { key } of store.list(keys.names)) damages.push(...(await checkName(store, key, indexes)));
  return damages;
}

async function checkName(store: ObjectStore, key: string, indexes: ReadonlyMap<string, DatasetIndex>): Promise<Damage[]> {
  try {
    const name = key.slice(keys.names.length, -'.json'.length);
    const named = await readName(store, name);
    if (named === undefined || (indexes.has(named.digest) && named.name === name)) return [];
    return [{ key, problem: `names data that is missing: push ${name} again`, repair: key }];
  } catch (error) {
    if (!(error instanceof CorruptObjectError)) throw error;
    return [{ key, problem: error.message, repair: key }];
  }
}
