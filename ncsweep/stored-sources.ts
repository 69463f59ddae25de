/** Where the files that a sweep needs are on this machine. Pushed datasets are fetched from its store into a shared cache. */
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { readIndex } from '@ncsweep/protocol/store/dataset-records';
import { fetchDataset } from '@ncsweep/protocol/store/fetch-dataset';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { isMade } from '@ncsweep/catalog/datasets';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { prepareFolder } from './output-folder.ts';

/** The parts of a sweep that decide which files its workers will request. */
type Needs = Pick<Sweep, 'datasets' | 'trainings' | 'sources'>;

/** Files that workers will request, by digest; all must be on this machine or in the store. @throws InvalidInputError */
export async function allSources(sweep: Needs, store: ObjectStore, cacheFolder: string): Promise<Sweep['sources']> {
  const { datasets, trainings } = sweep;
  const sources = { ...sweep.sources, ...(await storedSources(sweep, store, cacheFolder)) };
  for (const { name, params } of datasets) {
    if (isMade(params) || params.digest in sources) continue;
    throw new InvalidInputError(
      `dataset ${name}: its files are not known here. Remedy: --set dataset[${name}].path=FOLDER, relative to the sweep file, or push them ` +
        `to the store with \`ncsweep dataset push\` (docs/datasets.md)`,
    );
  }
  for (const { name, params } of trainings) {
    if (params.kind === 'import' && !(params.weightsSha256 in sources))
      throw new InvalidInputError(`training ${name}: the weights it is read from are not known here`);
  }
  return sources;
}

/**
 * Files that are already here are used as they are, because workers verify them before use.
 * @param cacheFolder of this machine
 * @returns folders by digest; datasets that the store lacks are left out
 * @throws CorruptObjectError, StoreUnavailableError
 */
async function storedSources(
  { datasets, sources }: Needs,
  store: ObjectStore,
  cacheFolder: string,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { params } of datasets) {
    const { digest } = params;
    if (isMade(params) || digest in sources || digest in found) continue;
    const folder = path.join(cacheFolder, 'data', digest);
    if ((await stat(folder).catch(() => undefined)) === undefined) {
      if ((await readIndex(store, digest)) === undefined) continue;
      await place(folder, (temporary) => fetchDataset(store, digest, temporary));
    }
    found[digest] = folder;
  }
  return found;
}

/** Another run may fetch the same files at the same time; whichever finishes first serves both. */
async function place(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  prepareFolder(path.dirname(folder), 'another cache with NCSWEEP_CACHE');
  const temporary = await mkdtemp(`${folder}-`);
  try {
    await fill(temporary);
    await rename(temporary, folder).catch((error: unknown) => {
      if (!['EEXIST', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
