/** What a folder holds, for tests that compare two of them. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of all files below, by path relative to the folder, in the order of the paths. */
export async function folderContents(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const paths = names.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return new Map(await Promise.all(paths.map(async (file) => [path.relative(folder, file), await readFile(file)] as const)));
}
