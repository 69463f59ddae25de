/** Decodes a dataset into array files, which compute programs in any language map. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetParams } from '@ncsweep/catalog/datasets';
import { sha256 } from '@ncsweep/protocol/canonical';
import type { ArrayFile, TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { encodeNpy, type NpyArray } from '@ncsweep/protocol/npy';
import type { Split } from './dataset.ts';
import { openDataset } from './open-dataset.ts';

export interface DecodeRequest {
  readonly params: DatasetParams;
  /** Of the lineage; changes made data. */
  readonly seed: number;
  /** Folder of a dataset in files. */
  readonly source: string | undefined;
  /** Where the arrays go; it does not exist. */
  readonly folder: string;
  readonly key: string;
}

export interface Decoded {
  readonly data: TaskDocument['data'];
  /** Number of different labels of each kind, by split. */
  readonly sideLabels: Readonly<Record<'train' | 'test', Readonly<Record<string, number>>>>;
  readonly sizeBytes: number;
}

type ArrayDtype = ArrayFile['dtype'];

/** @throws BadDataError */
export async function decodeDataset({ params, seed, source, folder, key }: DecodeRequest): Promise<Decoded> {
  const dataset = await openDataset(params, seed, () => Promise.resolve(source!));
  await mkdir(folder, { recursive: true });
  let sizeBytes = 0;
  const write = async (name: string, array: NpyArray & { readonly type: ArrayDtype }): Promise<ArrayFile> => {
    const bytes = encodeNpy(array);
    const file = path.join(folder, `${name}.npy`);
    await writeFile(file, bytes);
    sizeBytes += bytes.length;
    return { path: file, dtype: array.type, shape: [...array.shape], sha256: sha256(bytes) };
  };
  const split = async (name: 'train' | 'test') => {
    const { count, pixels, labels, sideLabels = {} } = dataset[name];
    const type = pixels instanceof Uint8Array ? 'uint8' : 'float32';
    const images = await write(`${name}-images`, { type, shape: [count, ...dataset.image], data: pixels });
    const written = { count, images, labels: await write(`${name}-labels`, { type: 'int32', shape: [count], data: labels }) };
    const beside: Record<string, ArrayFile> = {};
    for (const [label, data] of Object.entries(sideLabels))
      beside[label] = await write(`${name}-${label}`, { type: 'int32', shape: [count], data });
    return Object.keys(beside).length === 0 ? written : { ...written, sideLabels: beside };
  };
  const { classes, image } = dataset;
  const data = {
    key,
    classes,
    image: [...image] as [number, number, number],
    train: await split('train'),
    test: await split('test'),
  };
  return { data, sideLabels: { train: numbersOf(dataset.train), test: numbersOf(dataset.test) }, sizeBytes };
}

const numbersOf = ({ sideLabels = {} }: Split): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(sideLabels).map(([name, labels]) => [name, labels.reduce((a, b) => Math.max(a, b), 0) + 1]));
