/** The registry of datasets: a new one is one more file and one more case. */
import type { DatasetParams } from '@ncsweep/protocol/params';
import { BadDataError, type Dataset } from './dataset.ts';
import { prototypes } from './prototypes.ts';

/**
 * @param seed of the lineage: changes made data, never data from files
 * @param path folder of a dataset that lies in files
 * @throws BadDataError
 */
export async function openDataset(params: DatasetParams, seed: number, path: () => Promise<string>): Promise<Dataset> {
  switch (params.name) {
    case 'prototypes':
      return Promise.resolve(prototypes(params, seed));
    default:
      throw new BadDataError(`${await path()}: dataset ${params.name} cannot be read`);
  }
}
