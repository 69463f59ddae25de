/**
 * The files of a dataset on this machine and the digest by which it enters cell ids. The digest covers the names and the contents of
 * the decompressed files, so a folder gives the same digest wherever it is and whether or not its files are gzipped.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { digestOf, sha256 } from '../canonical.ts';
import { InvalidFilesError } from '../errors.ts';
import type { Examiner, FoundData } from '../found-data.ts';
import { classFolderFiles, type ClassFolders } from './class-folder-files.ts';
import { fileRemedy, folderRemedy } from './misplaced-folder.ts';
import { shardFiles } from './shard-files.ts';
import { statFile, type DatasetFile, type FoundFiles } from './dataset-file.ts';

export type { DatasetFile } from './dataset-file.ts';

/** Which files a dataset has. */
export type FileLayout =
  /** Plain, or gzipped with `.gz` after the name. */
  | { readonly kind: 'named'; readonly names: readonly string[] }
  /** The first complete set. `*` in a name stands for anything and is left out of the canonical name. */
  | { readonly kind: 'one-of'; readonly sets: readonly (readonly string[])[] }
  /** Parquet files of a train and a test split. */
  | { readonly kind: 'shards' }
  | (ClassFolders & { readonly kind: 'class-folders' });

/** What to look for in a folder. */
export interface ExpectedFiles {
  readonly layout: FileLayout;
  /** What the files look like, for messages. */
  readonly looks: string;
  /** Examines the files; undefined where their content is known in advance. */
  readonly examine?: (() => Examiner | Promise<Examiner>) | undefined;
}

async function namedFiles(folder: string, names: readonly string[], looks: string): Promise<DatasetFile[]> {
  const files: DatasetFile[] = [];
  for (const name of names) {
    const file = (await statFile(name, join(folder, name))) ?? (await statFile(name, join(folder, `${name}.gz`)));
    if (!file)
      throw new InvalidFilesError({
        place: join(folder, name),
        found: 'no such file',
        expected: `${looks} in ${folder}`,
        remedy: (await folderRemedy(folder, name)) ?? 'Is this the right folder, and is everything unpacked?',
      });
    files.push(file);
  }
  return files;
}

const canonical = (pattern: string): string => pattern.replace(/^\*[.-]?/, '');

/** The one file that matches a pattern; undefined where there are none or several. */
async function matchingFile(folder: string, pattern: string, there: readonly string[]): Promise<DatasetFile | undefined> {
  const end = pattern.replace('*', '');
  const names = there.filter((name) => {
    const plain = name.replace(/\.gz$/, '');
    return pattern.startsWith('*') ? plain.endsWith(end) : plain === pattern;
  });
  const [name] = names;
  return name === undefined || names.length > 1 ? undefined : statFile(canonical(pattern), join(folder, name));
}

async function firstSet(folder: string, sets: readonly (readonly string[])[], looks: string): Promise<DatasetFile[]> {
  const there = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  for (const set of sets) {
    const found = await Promise.all(set.map((pattern) => matchingFile(folder, pattern, there)));
    const files = found.filter((file) => file !== undefined);
    if (files.length === set.length) return files;
  }
  throw new InvalidFilesError({
    place: folder,
    found: there.length === 0 ? 'an empty folder' : there.slice(0, 6).join(', '),
    expected: looks,
    remedy: 'Name the folder that holds one of these sets of files, and nothing else like it',
  });
}

/** Finds the files of a dataset. @throws InvalidFilesError naming what is missing and what was expected */
export async function findDatasetFiles({ layout, looks }: ExpectedFiles, folder: string): Promise<FoundFiles> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new InvalidFilesError({
      place: folder,
      found: found === undefined ? 'no such folder' : 'not a folder',
      expected: looks,
      remedy: found === undefined ? 'Paths are relative to the folder of the sweep file' : fileRemedy(folder),
    });
  switch (layout.kind) {
    case 'named':
      return { files: await namedFiles(folder, layout.names, looks), skipped: [] };
    case 'one-of':
      return { files: await firstSet(folder, layout.sets, looks), skipped: [] };
    case 'shards':
      return shardFiles(folder, looks);
    case 'class-folders':
      return classFolderFiles(folder, layout, looks);
    default:
      return layout satisfies never;
  }
}

/** The dataset's files in canonical order. @throws InvalidFilesError as `findDatasetFiles` */
export const listDatasetFiles = async (expected: ExpectedFiles, folder: string): Promise<readonly DatasetFile[]> =>
  (await findDatasetFiles(expected, folder)).files;

const gunzipAsync = promisify(gunzip);

/** The file's bytes, decompressed. @throws InvalidInputError for a broken gzip file */
export async function readDatasetFile(file: DatasetFile): Promise<Uint8Array> {
  const bytes = await readFile(file.path);
  if (!file.path.endsWith('.gz')) return bytes;
  return gunzipAsync(bytes).catch((cause: unknown) => {
    const found = `not a complete gzip file (${cause instanceof Error ? cause.message : String(cause)})`;
    throw new InvalidFilesError(
      { place: file.path, found, expected: `${file.name}, gzipped`, remedy: 'Download it again' },
      { cause },
    );
  });
}

/** Name, size in bytes and sha256 of a decompressed file. */
export type FileEntry = readonly [name: string, sizeBytes: number, sha256: string];

export const fileEntry = ({ name }: DatasetFile, bytes: Uint8Array): FileEntry => [name, bytes.length, sha256(bytes)];

export interface ExaminedFiles {
  readonly files: readonly DatasetFile[];
  readonly entries: readonly FileEntry[];
  readonly found: FoundData | undefined;
}

/** Reads every file once. @throws InvalidFilesError as `findDatasetFiles` and `readDatasetFile`, and for anything that is not an image */
export async function examineDataset(expected: ExpectedFiles, folder: string): Promise<ExaminedFiles> {
  const { files, skipped } = await findDatasetFiles(expected, folder);
  const examiner = await expected.examine?.();
  const entries: FileEntry[] = [];
  for (const file of files) {
    const bytes = await readDatasetFile(file);
    entries.push(fileEntry(file, bytes));
    await examiner?.see(file, bytes);
  }
  const found = examiner?.result();
  return { files, entries, found: found && (skipped.length === 0 ? found : { ...found, skipped: [...skipped] }) };
}

/** @returns the sha256 by which the dataset in `folder` enters cell ids. @throws InvalidFilesError as `listDatasetFiles` */
export async function datasetDigest(expected: ExpectedFiles, folder: string): Promise<string> {
  return digestOf((await examineDataset({ ...expected, examine: undefined }, folder)).entries);
}
