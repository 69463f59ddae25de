/** Datasets in folders on this machine and in a store. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { expectedFiles, fileDatasetNames, type FileDatasetName } from '@ncsweep/catalog/datasets';
import { digestOf } from '@ncsweep/protocol/canonical';
import { InvalidFilesError, InvalidInputError } from '@ncsweep/protocol/errors';
import type { FoundData } from '@ncsweep/protocol/found-data';
import { examineDataset, listDatasetFiles } from '@ncsweep/protocol/store/dataset-files';
import { fileRemedy } from '@ncsweep/protocol/store/misplaced-folder';
import { listNames, type NamedDataset } from '@ncsweep/protocol/store/dataset-records';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { pushDataset as push } from '@ncsweep/protocol/store/push-dataset';
import { abortable } from './abortable-store.ts';
import { readDefaults } from './config.ts';

export interface DatasetOptions {
  /** Which dataset the folder holds. Default: recognised from its files. */
  readonly dataset?: FileDatasetName | undefined;
}

export interface DatasetFacts {
  readonly dataset: FileDatasetName;
  readonly digest: string;
  /** Classes, images and sizes; only for image folders. */
  readonly found?: FoundData;
}

export interface PushOptions extends DatasetOptions {
  /** A directory or s3://bucket/prefix. Default: `NCSWEEP_STORE`, else `.ncsweep/store`. */
  readonly store?: string | undefined;
  /** Called after each shard with its size in bytes and whether the store already had it. */
  readonly onShard?: ((sizeBytes: number, wasThere: boolean) => void) | undefined;
  /** Called with what was found in an image folder, before anything is sent. */
  readonly onFound?: ((found: FoundData) => void) | undefined;
  /** Stops the push between two shards; the same call resumes it. */
  readonly signal?: AbortSignal | undefined;
}

/** Which dataset a folder holds. @throws InvalidFilesError for class folders that cannot be a dataset; InvalidInputError */
async function recognise(folder: string): Promise<FileDatasetName> {
  const there = await stat(folder).catch(() => undefined);
  if (there === undefined) throw new InvalidInputError(`${folder}: no such folder`);
  if (!there.isDirectory()) throw new InvalidInputError(`${folder}: not a folder. ${fileRemedy(folder)}`);
  let almost: InvalidFilesError | undefined;
  for (const name of fileDatasetNames) {
    const expected = expectedFiles(name);
    const error: unknown = await listDatasetFiles(expected, folder).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (error === undefined) return name;
    if (error instanceof InvalidFilesError && expected.layout.kind === 'class-folders') almost ??= error;
  }
  if (almost !== undefined && (await stat(path.join(folder, 'train')).catch(() => undefined))?.isDirectory() === true)
    throw almost;
  throw new InvalidInputError(
    `${folder}: these are not the files of ${fileDatasetNames.join(', ')}; name one with --dataset to see what is missing`,
  );
}

/**
 * The digest by which a dataset enters the ids of cells. It does not depend on where the files are or whether they are gzipped.
 * @throws InvalidInputError naming what is missing
 * @example
 * ```ts no-run
 * import { datasetDigest } from 'ncsweep';
 *
 * const { dataset, digest } = await datasetDigest('cifar-10-batches-bin');
 * console.log(`{name: ${dataset}, digest: ${digest}}`);
 * ```
 */
export async function datasetDigest(folder: string, options: DatasetOptions = {}): Promise<DatasetFacts> {
  const dataset = options.dataset ?? (await recognise(folder));
  const { entries, found } = await examineDataset(expectedFiles(dataset), folder);
  return { dataset, digest: digestOf(entries), ...(found && { found }) };
}

/**
 * Copies a dataset into a store under a name, to which `pushed:` in a sweep can then refer. Resumes where an earlier push stopped.
 * @throws InvalidInputError when the name already stands for other content or files are missing; StoreUnavailableError
 * @example
 * ```ts no-run
 * import { pushDataset } from 'ncsweep';
 *
 * await pushDataset('cifar10-2024', 'cifar-10-batches-bin', { store: 's3://results/vision' });
 * ```
 */
export async function pushDataset(name: string, folder: string, options: PushOptions = {}): Promise<NamedDataset> {
  const { onShard, onFound, signal } = options;
  signal?.throwIfAborted();
  const store = abortable(await openStore(options.store ?? readDefaults().defaultStore, 'write'), signal);
  const dataset = options.dataset ?? (await recognise(folder));
  return push(store, {
    name,
    dataset,
    expected: expectedFiles(dataset),
    folder,
    nowMs: Date.now(),
    onFound,
    ...(onShard && { onShard }),
  });
}

/**
 * Lists the datasets that were pushed to a store.
 * @param location default: as for `pushDataset`
 * @throws StoreUnavailableError
 * @example
 * ```ts
 * import { listDatasets } from 'ncsweep';
 *
 * console.log((await listDatasets()).map(({ name, digest }) => `${name} ${digest}`));
 * ```
 */
export async function listDatasets(location = readDefaults().defaultStore): Promise<readonly NamedDataset[]> {
  const found: NamedDataset[] = [];
  for await (const named of listNames(await openStore(location, 'read'))) found.push(named);
  return found;
}
