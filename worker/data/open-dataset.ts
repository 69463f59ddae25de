/** From a dataset's params to its examples: generated, or read from files by the reader of their format. */
import { expectedFiles, fileDatasets, imagesOf, isMade, type DatasetParams, type FileParams } from '@ncsweep/catalog/datasets';
import type { FileFormat } from '@ncsweep/catalog/datasets/file-format';
import { digestOf } from '@ncsweep/protocol/canonical';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { type DatasetFile, examineDataset, readDatasetFile } from '@ncsweep/protocol/store/dataset-files';
import { readArrayDataset } from './arrays.ts';
import { readCifar } from './cifar.ts';
import { readClassFolders } from './class-folders.ts';
import { BadDataError, type Dataset } from './dataset.ts';
import type { FileReader } from './file-reader.ts';
import { generate } from './generators.ts';
import { readIdx } from './idx.ts';
import { readParquetImages } from './parquet.ts';

const readers: { readonly [K in FileFormat['kind']]: FileReader<K> } = {
  cifar: readCifar,
  idx: readIdx,
  'class-folders': readClassFolders,
  parquet: readParquetImages,
  arrays: readArrayDataset,
};

/** Refuses files whose content is not what was planned. @throws BadDataError */
async function checkedFiles({ name, digest }: FileParams, folder: string): Promise<readonly DatasetFile[]> {
  const { entries, files } = await examineDataset(expectedFiles(name), folder);
  const found = digestOf(entries);
  if (found !== digest)
    throw new BadDataError(
      `${folder}: the digest of its files is ${found}, but ${digest} was planned: they changed. Plan again, or restore them`,
    );
  return files;
}

type Examples = Pick<Dataset, 'classes' | 'train' | 'test'>;

async function readFiles(params: FileParams, folder: string): Promise<Examples> {
  const files = await checkedFiles(params, folder);
  const dataset = fileDatasets[params.name];
  // A format and the reader under its kind belong together, which the compiler cannot check.
  const read = readers[dataset.format.kind] as FileReader<FileFormat['kind']>;
  return read({ dataset, format: dataset.format, params, files, read: readDatasetFile });
}

/** @throws BadDataError also for missing files */
async function openFiles(params: FileParams, path: () => Promise<string>): Promise<Examples> {
  try {
    return await readFiles(params, await path());
  } catch (error) {
    if (error instanceof InvalidInputError) throw new BadDataError(error.message, { cause: error });
    throw error;
  }
}

/**
 * @param seed of the lineage: changes made data, never data from files
 * @param path folder of a dataset that is stored in files
 * @throws BadDataError
 */
export async function openDataset(params: DatasetParams, seed: number, path: () => Promise<string>): Promise<Dataset> {
  const { image, classes } = imagesOf(params);
  const examples = isMade(params) ? { classes, ...generate(params, seed) } : await openFiles(params, path);
  return { image, ...examples };
}
