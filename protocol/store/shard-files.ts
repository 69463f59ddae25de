/**
 * Parquet files of two splits, as the Hugging Face hub lays them out: `data/train-00000-of-00002.parquet`, `train/0000.parquet` or
 * `train.parquet`. Anything that would lose images in silence is refused: a missing shard, files of several data sets.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidFilesError } from '../errors.ts';
import { statFile, type DatasetFile, type FoundFiles } from './dataset-file.ts';

const extension = '.parquet';

/** What the test split may be called; the first that is there is used. */
const testNames = ['test', 'validation', 'val', 'valid', 'dev'];

interface Shard {
  /** Folder that holds the split, relative to the dataset's. */
  readonly folder: string;
  readonly split: string;
  /** Relative to the dataset's folder. */
  readonly name: string;
  /** As in `-00000-of-00002`; undefined where the name does not say. */
  readonly part: { readonly index: number; readonly count: number } | undefined;
}

const splitName = new RegExp(`^(train|${testNames.join('|')})(?:[-_.].*)?$`);

/** @returns undefined for a file of no split */
function shardOf(name: string): Shard | undefined {
  const [file = '', parent = '', ...above] = name.split('/').reverse();
  const stem = file.slice(0, -extension.length);
  const [, index, count] = /-(\d+)-of-(\d+)$/.exec(stem) ?? [];
  const part = index === undefined ? undefined : { index: Number(index), count: Number(count) };
  const [, own] = splitName.exec(stem) ?? [];
  if (own !== undefined) return { folder: [parent, ...above].reverse().join('/'), split: own, name, part };
  const [, around] = splitName.exec(parent) ?? [];
  return around === undefined ? undefined : { folder: above.reverse().join('/'), split: around, name, part };
}

/** Folders deep enough for `default/partial-train/0000.parquet`; anything deeper belongs to something else. */
const deepest = 3;

async function parquetFiles(folder: string, below = '', depth = 0): Promise<string[]> {
  const nameOf = (entry: Dirent): string => (below === '' ? entry.name : `${below}/${entry.name}`);
  const entries = (await readdir(join(folder, below), { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  const files = entries.filter((entry) => !entry.isDirectory() && entry.name.endsWith(extension)).map(nameOf);
  if (depth === deepest) return files;
  const inner = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => parquetFiles(folder, nameOf(entry), depth + 1)),
  );
  return [...files, ...inner.flat()];
}

/** @throws InvalidFilesError for shards that are missing, and for files of several data sets */
export async function shardFiles(folder: string, looks: string): Promise<FoundFiles> {
  const names = (await parquetFiles(folder)).sort();
  const shards = names.map(shardOf).filter((shard) => shard !== undefined);
  const [root = '', ...others] = [...new Set(shards.map((shard) => shard.folder))];
  if (others.length > 0)
    throw new InvalidFilesError({
      place: folder,
      found: `Parquet files in ${[root, ...others].map((each) => each || 'the folder itself').join(', ')}`,
      expected: 'those of one data set',
      remedy: 'Name the folder that holds one of them',
    });
  const bySplit = Map.groupBy(shards, ({ split }) => split);
  const test = testNames.find((name) => bySplit.has(name));
  if (!bySplit.has('train') || test === undefined)
    throw new InvalidFilesError({
      place: folder,
      found: names.length === 0 ? 'no Parquet files' : `Parquet files ${names.slice(0, 4).join(', ')}`,
      expected: looks,
      remedy: 'Both splits are needed: make a test split with train_test_split, and to_parquet',
    });
  const files = [
    ...(await filesOf(folder, bySplit.get('train')!, 'train')),
    ...(await filesOf(folder, bySplit.get(test)!, 'test')),
  ];
  const unused = names.filter((name) => !shards.some((shard) => shard.name === name && [test, 'train'].includes(shard.split)));
  return { files, skipped: unused.map((name) => `${name}: neither train nor ${test}`) };
}

/** The files of a split in the order of their names, called as a store keeps them. */
async function filesOf(folder: string, shards: readonly Shard[], split: 'train' | 'test'): Promise<DatasetFile[]> {
  checkWhole(folder, shards);
  const files = await Promise.all(
    shards.map(({ name }, i) => statFile(`${split}-${String(i).padStart(5, '0')}${extension}`, join(folder, name))),
  );
  return files.filter((file) => file !== undefined);
}

/** Refuses a split that lacks a shard by the names of the others. */
function checkWhole(folder: string, shards: readonly Shard[]): void {
  const numbered = shards.filter(({ part }) => part !== undefined);
  const [first] = numbered;
  if (first?.part === undefined) return;
  const { count } = first.part;
  const there = new Set(numbered.map(({ part }) => part?.index));
  const missing = Array.from({ length: count }, (_, i) => i).find((i) => !there.has(i));
  if (missing === undefined && numbered.length === count && shards.length === count) return;
  const digits = (n: number): string => String(n).padStart(5, '0');
  throw new InvalidFilesError({
    place: join(folder, first.name),
    found: missing === undefined ? `${shards.length} files of ${first.split}` : `no shard ${digits(missing)}-of-${digits(count)}`,
    expected: `${count} of ${first.split}, as this name says`,
    remedy: missing === undefined ? 'Remove those of another download' : 'Download the missing ones',
  });
}
