/**
 * The files of a dataset on this machine and the digest by which it enters cell ids. The digest covers file names and contents as they
 * are after decompression, so a folder gives the same digest wherever it lies and whether or not its files are gzipped.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { digestOf, sha256 } from '../canonical.ts';
import { InvalidFilesError } from '../errors.ts';
import { classFolderFiles, type ClassFolders } from './class-folder-files.ts';
import { statFile, type DatasetFile, type FoundFiles } from './dataset-file.ts';

export type { DatasetFile } from './dataset-file.ts';

/** Which files a dataset has. */
export type FileLayout =
  /** Plain, or gzipped with `.gz` behind the name. */
  { readonly kind: 'named'; readonly names: readonly string[] } | (ClassFolders & { readonly kind: 'class-folders' });

/** What is looked for in a folder. */
export interface ExpectedFiles {
  readonly layout: FileLayout;
  /** For messages: how they look. */
  readonly looks: string;
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
        remedy: 'Is this the right folder, and is everything unpacked?',
      });
    files.push(file);
  }
  return files;
}

/** Looks for the files of a dataset. @throws InvalidFilesError naming what is missing and what was expected */
export async function findDatasetFiles({ layout, looks }: ExpectedFiles, folder: string): Promise<FoundFiles> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw new InvalidFilesError({
      place: folder,
      found: found === undefined ? 'no such folder' : 'not a folder',
      expected: looks,
      remedy: 'A path leads from the folder of the sweep file',
    });
  switch (layout.kind) {
    case 'named':
      return { files: await namedFiles(folder, layout.names, looks), skipped: [] };
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

/** Name, size in bytes and sha256 of a file, decompressed. */
export type FileEntry = readonly [name: string, sizeBytes: number, sha256: string];

export const fileEntry = ({ name }: DatasetFile, bytes: Uint8Array): FileEntry => [name, bytes.length, sha256(bytes)];

/** @throws InvalidInputError as `readDatasetFile` */
export async function fileEntries(files: readonly DatasetFile[]): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for (const file of files) entries.push(fileEntry(file, await readDatasetFile(file)));
  return entries;
}

/** @returns sha256 by which the dataset in `folder` enters cell ids. @throws InvalidInputError as `listDatasetFiles` */
export async function datasetDigest(expected: ExpectedFiles, folder: string): Promise<string> {
  return digestOf(await fileEntries(await listDatasetFiles(expected, folder)));
}
