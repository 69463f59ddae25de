/** Fetches a pushed dataset from a store to this machine. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '../canonical.ts';
import { NotFoundError } from '../errors.ts';
import { keys } from '../keys.ts';
import { type DatasetIndex, pushAgain, readIndex } from './dataset-records.ts';
import { CorruptObjectError, type ObjectStore } from './object-store.ts';

/**
 * Writes the files of a dataset into a folder, verifying each.
 * @throws NotFoundError when the store has no such dataset; CorruptObjectError, StoreUnavailableError
 */
export async function fetchDataset(store: ObjectStore, dataDigest: string, folder: string): Promise<void> {
  const index = await readIndex(store, dataDigest);
  if (index === undefined)
    throw new NotFoundError(
      `no dataset with digest ${dataDigest} in ${store.location}. Remedy: ncsweep dataset push NAME FOLDER`,
    );
  const shards = new ShardReader(store, index);
  for (const [name, sizeBytes, expected] of index.files) {
    const bytes = await shards.take(sizeBytes);
    if (sha256(bytes) !== expected)
      throw new CorruptObjectError(keys.data(dataDigest), `its shards do not add up to the file ${name}. Remedy: ${pushAgain}`);
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

/** Reads the shards one after the other, verifying each. */
class ShardReader {
  readonly #store: ObjectStore;
  readonly #left: DatasetIndex['shards'];
  #bytes: Uint8Array = new Uint8Array();

  constructor(store: ObjectStore, { shards }: DatasetIndex) {
    this.#store = store;
    this.#left = [...shards];
  }

  /** The next bytes; fewer at the end. */
  async take(sizeBytes: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let missing = sizeBytes; missing > 0; missing = sizeBytes - parts.reduce((sum, part) => sum + part.length, 0)) {
      if (this.#bytes.length === 0 && !(await this.#next())) break;
      parts.push(this.#bytes.subarray(0, missing));
      this.#bytes = this.#bytes.subarray(missing);
    }
    return Buffer.concat(parts);
  }

  async #next(): Promise<boolean> {
    const shard = this.#left.shift();
    if (shard === undefined) return false;
    const key = keys.data(shard.sha256);
    const bytes = await this.#store.get(key);
    if (bytes === undefined || sha256(bytes) !== shard.sha256)
      throw new CorruptObjectError(key, `a shard of a dataset is ${bytes ? 'damaged' : 'missing'}. Remedy: ${pushAgain}`);
    this.#bytes = bytes;
    return true;
  }
}
