/** Why a path leads to no dataset, when what lies there shows it: an archive, another version of the data, a folder too high. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const archive = /\.(zip|tar|tgz|tar\.gz|tar\.xz|7z)$/i;

/** The remedy for a file where a folder is needed. */
export const fileRemedy = (path: string): string =>
  archive.test(path) ? 'Unpack it, and name the folder' : 'Name the folder that holds the files';

/** Files of CIFAR as Python pickles, which are offered beside the binary version. */
const pickled = ['batches.meta', 'meta'];

/** Subfolders that are looked into. */
const most = 100;

/**
 * The remedy for a folder that lacks a file.
 * @param name of the file
 * @returns undefined when what is there tells nothing
 */
export async function folderRemedy(folder: string, name: string): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
  const names = new Set(entries.map((entry) => entry.name));
  if (name.endsWith('.bin') && pickled.some((each) => names.has(each)))
    return 'This is the version for Python; download the binary version of the data set';
  for (const entry of entries.filter((each) => each.isDirectory()).slice(0, most)) {
    const inside = await readdir(join(folder, entry.name)).catch((): string[] => []);
    if (inside.includes(name) || inside.includes(`${name}.gz`)) return `Did you mean ${join(folder, entry.name)}?`;
  }
  const packed = [...names].find((each) => archive.test(each));
  return packed === undefined ? undefined : `Unpack ${packed}`;
}
