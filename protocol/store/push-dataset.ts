/**
 * Brings datasets into a store (docs/contracts.md "Keys"). The concatenated bytes of all files are cut into shards, each named by its
 * content. The index is named by the dataset's digest, which covers the names and contents of the files, and is put once all shards are
 * there; the name comes last. So a dataset is there as a whole or not at all, and an interrupted push continues from the shards it left.
 */
import { canonicalJson, digestOf, sha256 } from '../canonical.ts';
import { InvalidInputError } from '../errors.ts';
import type { FoundData } from '../found-data.ts';
import { encodeJson } from '../json-bytes.ts';
import { keys } from '../keys.ts';
import {
  examineDataset,
  type DatasetFile,
  type ExpectedFiles,
  type FileEntry,
  fileEntry,
  readDatasetFile,
} from './dataset-files.ts';
import { type DatasetIndex, indexSize, missingShards, type NamedDataset, readIndex, readName } from './dataset-records.ts';
import type { ObjectStore } from './object-store.ts';

const defaultShardBytes = 64 * 2 ** 20;
/** An unreferenced shard that is older may soon be garbage-collected, so it is put again, which resets its age. */
const freshMs = 86_400_000;

export interface PushRequest {
  readonly name: string;
  /** Its name in the catalog. */
  readonly dataset: string;
  readonly expected: ExpectedFiles;
  readonly folder: string;
  readonly nowMs: number;
  readonly shardBytes?: number;
  /** Called with what the files hold, where they were examined. */
  readonly onFound?: ((found: FoundData) => void) | undefined;
  /** Called for each shard. */
  readonly onShard?: (sizeBytes: number, wasThere: boolean) => void;
}

/**
 * Brings a dataset into the store under a name. Pushing the same dataset again changes nothing.
 * @throws InvalidInputError when the name stands for other content, or as `listDatasetFiles`; StoreUnavailableError
 */
export async function pushDataset(store: ObjectStore, request: PushRequest): Promise<NamedDataset> {
  const { name, dataset, expected, folder } = request;
  const standing = await readName(store, name);
  const { files, entries, found } = await examineDataset(expected, folder);
  if (found !== undefined) request.onFound?.(found);
  const named: NamedDataset = { v: 1, name, dataset, digest: digestOf(entries), sizeBytes: 0 };
  assertSame(store, named, standing);
  const index = await readIndex(store, named.digest).catch(() => undefined);
  const isWhole = index !== undefined && (await missingShards(store, index)).length === 0;
  const shards = isWhole ? index : await pushShards(store, request, files, entries);
  const pushed = found === undefined ? shards : { ...shards, found };
  if (!isWhole || canonicalJson(index) !== canonicalJson(pushed)) await store.put(keys.data(named.digest), encodeJson(pushed));
  const complete = { ...named, sizeBytes: indexSize(pushed) };
  if (standing === undefined && !(await store.putIfAbsent(keys.name(name), encodeJson(complete))))
    assertSame(store, named, await readName(store, name));
  return complete;
}

function assertSame(store: ObjectStore, { name, digest: pushed }: NamedDataset, standing: NamedDataset | undefined): void {
  if (standing === undefined || standing.digest === pushed) return;
  throw new InvalidInputError(
    `${name}: already names other files in ${store.location} (digest ${standing.digest}; these have ${pushed}), and a name never changes ` +
      `its meaning. Remedy: push them under another name, such as ${name}-2`,
  );
}

async function pushShards(
  store: ObjectStore,
  { dataset, folder, nowMs, shardBytes = defaultShardBytes, onShard }: PushRequest,
  files: readonly DatasetFile[],
  entries: readonly FileEntry[],
): Promise<DatasetIndex> {
  const shards: DatasetIndex['shards'] = [];
  const read: FileEntry[] = [];
  for await (const bytes of cutIntoShards(files, shardBytes, (entry) => read.push(entry))) {
    const shard = { sha256: sha256(bytes), sizeBytes: bytes.length };
    const there = await store.head(keys.data(shard.sha256));
    const wasThere = there?.sizeBytes === bytes.length && nowMs - there.modifiedMs < freshMs;
    if (!wasThere) await store.put(keys.data(shard.sha256), bytes);
    onShard?.(bytes.length, wasThere);
    shards.push(shard);
  }
  if (digestOf(read) !== digestOf(entries))
    throw new InvalidInputError(`${folder}: its files changed while they were pushed; push again`);
  return { v: 1, dataset, files: entries.map(([...entry]) => entry), shards };
}

async function* cutIntoShards(
  files: readonly DatasetFile[],
  shardBytes: number,
  onFile: (entry: FileEntry) => void,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for (const file of files) {
    let rest = await readDatasetFile(file);
    onFile(fileEntry(file, rest));
    while (rest.length > 0) {
      const part = rest.subarray(0, shardBytes - size);
      parts.push(part);
      size += part.length;
      rest = rest.subarray(part.length);
      if (size < shardBytes) continue;
      yield Buffer.concat(parts);
      [parts, size] = [[], 0];
    }
  }
  if (size > 0) yield Buffer.concat(parts);
}
