/** Brings pushed datasets that a sweep needs from its store to this machine, where all sweeps share them. */
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { readIndex } from '@ncsweep/protocol/store/dataset-records';
import { fetchDataset } from '@ncsweep/protocol/store/fetch-dataset';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { Sweep } from '@ncsweep/protocol/sweep';

/**
 * Files that lie here already are used as they are: workers verify them before use.
 * @param cacheFolder of this machine
 * @returns folders by digest; datasets that the store has not are left out
 * @throws CorruptObjectError, StoreUnavailableError
 */
export async function storedSources(
  { datasets, sources }: Sweep,
  store: ObjectStore,
  cacheFolder: string,
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const { params } of datasets) {
    const { name, digest } = params;
    if (name === 'prototypes' || digest in sources || digest in found) continue;
    const folder = path.join(cacheFolder, 'data', digest);
    const isHere = await stat(folder).then(() => true, () => false); // prettier-ignore
    if (!isHere) {
      if ((await readIndex(store, digest)) === undefined) continue;
      await place(folder, (temporary) => fetchDataset(store, digest, temporary));
    }
    found[digest] = folder;
  }
  return found;
}

/** Another run may bring the same at the same time: the first is as good. */
async function place(folder: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true });
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
