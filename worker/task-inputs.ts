/** What an attempt reads: datasets by digest, and artifacts of committed results. A pod caches both on disk. */
import { readFile, writeFile } from 'node:fs/promises';
import { decodeArchive, otherContent, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import type { UsedPlugin } from '@ncsweep/catalog/plugins/used-plugins';
import { sha256 } from '@ncsweep/protocol/canonical';
import { keys } from '@ncsweep/protocol/keys';
import { type CommittedResult, readArtifact } from '@ncsweep/protocol/store/committed-result';
import { type DatasetIndex, readIndex } from '@ncsweep/protocol/store/dataset-records';
import { fetchDataset } from '@ncsweep/protocol/store/fetch-dataset';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { DiskCache } from './disk-cache.ts';
import { TaskFailure } from './task-io.ts';

/** Disks allocate space in blocks. */
const blockBytes = 4096;
const bytesOnDisk = ({ files }: DatasetIndex): number =>
  files.reduce((sum, [, sizeBytes]) => sum + Math.ceil(sizeBytes / blockBytes + 1) * blockBytes, 0);

export class TaskInputs {
  readonly #store: ObjectStore;
  readonly #cache: DiskCache | undefined;

  /** @param cache undefined on a single machine, where the store is as close as a cache would be */
  constructor(store: ObjectStore, cache: DiskCache | undefined) {
    this.#store = store;
    this.#cache = cache;
  }

  /**
   * Folder or file with this digest; its reader verifies it.
   * @param paths known on this machine, by digest
   * @param cellId of the cell that needs it
   * @throws TaskFailure when it cannot be found or is larger than the cache; CorruptObjectError, StoreUnavailableError
   */
  async path(digest: string, paths: Readonly<Record<string, string>>, cellId: string): Promise<string> {
    if (paths[digest] !== undefined) return paths[digest];
    const index = this.#cache && (await readIndex(this.#store, digest));
    if (this.#cache === undefined || index === undefined) {
      const where = this.#cache ? `in ${this.#store.location}. Remedy: ncsweep dataset push NAME FOLDER` : 'here';
      throw new TaskFailure('badData', cellId, `no data with digest ${digest} is known ${where}`);
    }
    const sizeBytes = bytesOnDisk(index);
    const kept = await this.#cache.use(digest, sizeBytes, (folder) => fetchDataset(this.#store, digest, folder));
    if (kept !== undefined) return kept;
    throw new TaskFailure(
      'userError',
      cellId,
      `the data with digest ${digest} takes ${sizeBytes} bytes, and a worker keeps at most ${this.#cache.limitBytes}. ` +
        'Remedy: raise worker.scratch of the chart to twice that size, or mount the data as a volume',
    );
  }

  /** @param cellId of the cell that needs it @throws TaskFailure when the store lacks it or has something else; StoreUnavailableError */
  async plugin({ plugin, identity }: UsedPlugin, cellId: string): Promise<PluginArchive & UsedPlugin> {
    const bytes = await this.#store.get(keys.plugin(identity));
    const archive = bytes && decodeArchive(bytes, identity);
    if (archive !== undefined) return { plugin, identity, ...archive };
    if (bytes !== undefined) throw new TaskFailure('badData', cellId, `${keys.plugin(identity)}: ${otherContent}`);
    throw new TaskFailure(
      'userError',
      cellId,
      `the plug-in ${plugin} (sha256:${identity}) is not in ${this.#store.location}. Remedy: ncsweep plugin push FOLDER --store …, then try the cell again`,
    );
  }

  /** @throws CorruptObjectError, StoreUnavailableError */
  async artifact(committed: CommittedResult, name: string): Promise<Uint8Array> {
    const read = (): Promise<Uint8Array> => readArtifact(this.#store, committed, name);
    const listed = committed.result.artifacts.find((each) => each.name === name);
    if (this.#cache === undefined || listed === undefined) return read();
    const file = await this.#cache.use(listed.sha256, listed.sizeBytes, async (at) => writeFile(at, await read()));
    if (file === undefined) return read();
    const bytes = await readFile(file);
    if (sha256(bytes) === listed.sha256) return bytes;
    await this.#cache.forget(listed.sha256);
    return read();
  }
}
