/**
 * The files of a dataset on this machine and the digest by which it enters cell ids. The digest covers file names and contents as they
 * are after decompression, so a folder gives the same digest wherever it lies and whether or not its files are gzipped.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { digestOf, sha256 } from '../canonical.ts';
import { InvalidInputError } from '../errors.ts';

/** Which files a dataset has. */
export type FileLayout =
  /** Plain, or gzipped with `.gz` behind the name. */
  | { readonly kind: 'named'; readonly names: readonly string[] }
  /** Images in `<split>/<class>/`. */
  | { readonly kind: 'class-folders'; readonly splits: readonly string[] };

/** What is looked for in a folder. */
export interface ExpectedFiles {
  readonly layout: FileLayout;
  /** For messages: how they look. */
  readonly looks: string;
}

export interface DatasetFile {
  /** Canonical name relative to the dataset's folder, `/`-separated, without `.gz`. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

async function statFile(name: string, path: string): Promise<DatasetFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  return { name, path, sizeBytes: found.size, modifiedMs: found.mtimeMs };
}

async function namedFiles(folder: string, names: readonly string[], looks: string): Promise<DatasetFile[]> {
  const files: DatasetFile[] = [];
  for (const name of names) {
    const file = (await statFile(name, join(folder, name))) ?? (await statFile(name, join(folder, `${name}.gz`)));
    if (!file) throw new InvalidInputError(`${join(folder, name)}: no such file; expected ${looks} in ${folder}`);
    files.push(file);
  }
  return files;
}

async function imageFiles(folder: string, splits: readonly string[], looks: string): Promise<DatasetFile[]> {
  const files: DatasetFile[] = [];
  for (const split of splits) {
    const names = await readdir(join(folder, split), { recursive: true }).catch(() => [] as string[]);
    const images = names.map((name) => `${split}/${name}`).filter((name) => /^[^/]+\/[^/]+\/[^/]+\.(png|jpe?g)$/i.test(name));
    if (images.length === 0)
      throw new InvalidInputError(`${join(folder, split)}: no images there; expected ${looks} in ${folder}`);
    const found = await Promise.all(images.map((name) => statFile(name, join(folder, name))));
    files.push(...found.filter((file) => file !== undefined));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The dataset's files in canonical order. @throws InvalidInputError naming what is missing and what was expected */
export async function listDatasetFiles({ layout, looks }: ExpectedFiles, folder: string): Promise<DatasetFile[]> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new InvalidInputError(`${folder}: no such folder; expected ${looks} in it`);
  switch (layout.kind) {
    case 'named':
      return namedFiles(folder, layout.names, looks);
    case 'class-folders':
      return imageFiles(folder, layout.splits, looks);
    default:
      return layout satisfies never;
  }
}

const gunzipAsync = promisify(gunzip);

/** The file's bytes, decompressed. @throws InvalidInputError for a broken gzip file */
export async function readDatasetFile(file: DatasetFile): Promise<Uint8Array> {
  const bytes = await readFile(file.path);
  if (!file.path.endsWith('.gz')) return bytes;
  return gunzipAsync(bytes).catch((cause: unknown) => {
    throw new InvalidInputError(`${file.path}: not a complete gzip file; download it again`, { cause });
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
