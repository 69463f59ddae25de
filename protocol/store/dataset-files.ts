/**
 * The files of a dataset on this machine and the digest by which it enters cell ids. The digest covers file names and contents as they
 * are after decompression, so a folder gives the same digest wherever it lies and whether or not its files are gzipped.
 */
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { digestOf, sha256 } from '../canonical.ts';
import { scienceVersions } from '../cell.ts';
import { InvalidInputError } from '../errors.ts';
import type { DatasetParams } from '../params.ts';

/** Datasets that lie in files; the others are made from their parameters. */
export type FileDatasetName = Exclude<DatasetParams['name'], 'prototypes'>;
export const fileDatasetNames = [
  'cifar10',
  'cifar100',
  'mnist',
  'imagenette',
  'image-folder',
] as const satisfies FileDatasetName[];

export interface DatasetFile {
  /** Canonical name relative to the dataset's folder, `/`-separated, without `.gz`. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

const fixedNames: Record<'cifar10' | 'cifar100' | 'mnist', readonly string[]> = {
  cifar10: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`).concat('test_batch.bin'),
  cifar100: ['train.bin', 'test.bin'],
  mnist: ['train', 't10k'].flatMap((split) => [`${split}-images-idx3-ubyte`, `${split}-labels-idx1-ubyte`]),
};

/** How each dataset is expected to look, for messages. */
const expectation: Record<FileDatasetName, string> = {
  cifar10: 'data_batch_1.bin … data_batch_5.bin and test_batch.bin (the binary version of CIFAR-10)',
  cifar100: 'train.bin and test.bin (the binary version of CIFAR-100)',
  mnist: 'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or .gz',
  imagenette: 'train/<class>/*.jpg and val/<class>/*.jpg (also .jpeg and .png)',
  'image-folder': 'train/<class>/*.jpg and val/<class>/*.jpg (also .jpeg and .png)',
};

async function statFile(name: string, path: string): Promise<DatasetFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  return { name, path, sizeBytes: found.size, modifiedMs: found.mtimeMs };
}

async function fixedFiles(folder: string, names: readonly string[], expected: string): Promise<DatasetFile[]> {
  const files: DatasetFile[] = [];
  for (const name of names) {
    const file = (await statFile(name, join(folder, name))) ?? (await statFile(name, join(folder, `${name}.gz`)));
    if (!file) throw new InvalidInputError(`${join(folder, name)}: no such file; expected ${expected} in ${folder}`);
    files.push(file);
  }
  return files;
}

async function imageFiles(folder: string, expected: string): Promise<DatasetFile[]> {
  const files: DatasetFile[] = [];
  for (const split of ['train', 'val']) {
    const names = await readdir(join(folder, split), { recursive: true }).catch(() => [] as string[]);
    const images = names.map((name) => `${split}/${name}`).filter((name) => /^[^/]+\/[^/]+\/[^/]+\.(png|jpe?g)$/i.test(name));
    if (images.length === 0)
      throw new InvalidInputError(`${join(folder, split)}: no images there; expected ${expected} in ${folder}`);
    const found = await Promise.all(images.map((name) => statFile(name, join(folder, name))));
    files.push(...found.filter((file) => file !== undefined));
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The dataset's files in canonical order. @throws InvalidInputError naming what is missing and what was expected */
export async function listDatasetFiles(name: FileDatasetName, folder: string): Promise<DatasetFile[]> {
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new InvalidInputError(`${folder}: no such folder; expected ${expectation[name]} in it`);
  if (name === 'imagenette' || name === 'image-folder') return imageFiles(folder, expectation[name]);
  return fixedFiles(folder, fixedNames[name], expectation[name]);
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
export async function datasetDigest(name: FileDatasetName, folder: string): Promise<string> {
  return digestOf(await fileEntries(await listDatasetFiles(name, folder)));
}

/** Digest of a dataset that is made: its parameters and the version of how it is made. */
export function madeDatasetDigest(params: Omit<Extract<DatasetParams, { name: 'prototypes' }>, 'digest'>): string {
  return digestOf({ params, version: scienceVersions.data });
}
