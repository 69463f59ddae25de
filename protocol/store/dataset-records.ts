/** A store's records of the datasets pushed to it: the index of a dataset, and the names that refer to one (push-dataset.ts). */
import { z } from 'zod';
import { digestOf } from '../canonical.ts';
import { InvalidInputError } from '../errors.ts';
import { foundData } from '../found-data.ts';
import { decodeJson } from '../json-bytes.ts';
import { keys } from '../keys.ts';
import { CorruptObjectError, type ObjectStore } from './object-store.ts';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Relative, and stays inside the folder it is joined to. */
const relativeName = z.string().regex(/^(?!.*(^|\/)\.{0,2}(\/|$))[^\\\0]+$/);

export const datasetIndex = z.object({
  v: z.literal(1),
  /** Its name in the catalog. */
  dataset: z.string().regex(/^[a-z0-9][a-z0-9/-]{0,62}$/),
  files: z.array(z.tuple([relativeName, z.int().min(0), digest])),
  shards: z.array(z.object({ sha256: digest, sizeBytes: z.int().min(1) })),
  /** Set where the files were examined when they were pushed. */
  found: foundData.optional(),
});
export type DatasetIndex = z.infer<typeof datasetIndex>;

const pushedName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
export const namedDataset = z.object({
  v: z.literal(1),
  name: z.string().regex(pushedName),
  dataset: datasetIndex.shape.dataset,
  digest,
  sizeBytes: z.int().min(0),
});
export type NamedDataset = z.infer<typeof namedDataset>;

/** @throws CorruptObjectError when the index does not decode, or does not have this digest */
export async function readIndex(store: ObjectStore, dataDigest: string): Promise<DatasetIndex | undefined> {
  const key = keys.data(dataDigest);
  const bytes = await store.get(key);
  if (bytes === undefined) return undefined;
  const index = decodeIndex(bytes, dataDigest);
  if (index === undefined) throw new CorruptObjectError(key, `not the index of a dataset. Remedy: ${pushAgain}`);
  return index;
}

export const pushAgain = '`ncsweep store fsck --repair`, then `ncsweep dataset push` again';

/** undefined for anything but the index with this digest. */
export function decodeIndex(bytes: Uint8Array, dataDigest: string): DatasetIndex | undefined {
  try {
    const index = decodeJson(datasetIndex, bytes, keys.data(dataDigest));
    return digestOf(index.files) === dataDigest ? index : undefined;
  } catch {
    return undefined;
  }
}

/** The dataset pushed under a name. @throws CorruptObjectError, InvalidInputError for an invalid name */
export async function readName(store: ObjectStore, name: string): Promise<NamedDataset | undefined> {
  if (!pushedName.test(name))
    throw new InvalidInputError(`"${name}": expected a name of at most 63 letters, digits, ".", "_" or "-"`);
  const bytes = await store.get(keys.name(name));
  return bytes === undefined ? undefined : decodeName(keys.name(name), bytes);
}

/** @throws CorruptObjectError */
export function decodeName(key: string, bytes: Uint8Array): NamedDataset {
  try {
    return decodeJson(namedDataset, bytes, key);
  } catch (cause) {
    throw new CorruptObjectError(key, `not the name of a dataset. Remedy: ${pushAgain}`, { cause });
  }
}

/** Every name of the store, in order. @throws CorruptObjectError */
export async function* listNames(store: ObjectStore): AsyncGenerator<NamedDataset> {
  for await (const { key } of store.list(keys.names)) {
    const bytes = await store.get(key);
    if (bytes !== undefined) yield decodeName(key, bytes);
  }
}

export const indexSize = ({ files }: DatasetIndex): number => files.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);

/** Keys of the index's shards that are missing from the store. */
export async function missingShards(store: ObjectStore, { shards }: DatasetIndex): Promise<string[]> {
  const missing: string[] = [];
  for (const shard of shards) {
    const found = await store.head(keys.data(shard.sha256));
    if (found?.sizeBytes !== shard.sizeBytes) missing.push(keys.data(shard.sha256));
  }
  return missing;
}
