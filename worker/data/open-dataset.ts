/** The registry of datasets: a new one is one more file and one more case. */
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { DatasetParams } from '@ncsweep/catalog/datasets';
import { datasetDigest, type DatasetFile, listDatasetFiles, readDatasetFile } from '@ncsweep/protocol/store/dataset-files';
import { openCifar } from './cifar.ts';
import { BadDataError, type Dataset } from './dataset.ts';
import { openImageFolder } from './image-folder.ts';
import { openMnist } from './mnist.ts';
import { prototypes } from './prototypes.ts';
import type { FileParams } from './subset.ts';

/** Files whose content is not what was planned are refused. @throws BadDataError */
async function checkedFiles({ name, digest }: FileParams, folder: string): Promise<readonly DatasetFile[]> {
  const found = await datasetDigest(name, folder);
  if (found !== digest)
    throw new BadDataError(
      `${folder}: the digest of its files is ${found}, planned was ${digest}: they changed. Plan again, or restore them`,
    );
  return listDatasetFiles(name, folder);
}

async function openFiles(params: FileParams, folder: string): Promise<Dataset> {
  const files = await checkedFiles(params, folder);
  switch (params.name) {
    case 'cifar10':
    case 'cifar100':
      return openCifar({ ...params, name: params.name }, files, readDatasetFile);
    case 'mnist':
      return openMnist(params, files, readDatasetFile);
    case 'imagenette':
    case 'image-folder':
      return openImageFolder(params, files, readDatasetFile);
    default:
      return params satisfies never;
  }
}

/**
 * @param seed of the lineage: changes made data, never data from files
 * @param path folder of a dataset that lies in files
 * @throws BadDataError
 */
export async function openDataset(params: DatasetParams, seed: number, path: () => Promise<string>): Promise<Dataset> {
  if (params.name === 'prototypes') return prototypes(params, seed);
  try {
    return await openFiles(params, await path());
  } catch (error) {
    if (error instanceof InvalidInputError) throw new BadDataError(error.message, { cause: error });
    throw error;
  }
}
