import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { asFileParams, expectedFiles, fileDatasets } from '@ncsweep/catalog/datasets';
import { digestOf } from '@ncsweep/protocol/canonical';
import { encodeNpy, type NpyArray } from '@ncsweep/protocol/npy';
import { examineDataset } from '@ncsweep/protocol/store/dataset-files';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from './dataset.ts';
import { openDataset } from './open-dataset.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-arrays-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Opens the dataset with params planned from what was found, as a sweep does. */
async function open(): Promise<Dataset> {
  const { entries, found } = await examineDataset(expectedFiles('arrays'), folder);
  const params = asFileParams(fileDatasets.arrays, { trainPerClass: 0, testPerClass: 0 }, digestOf(entries), found);
  return openDataset(params, 1, () => Promise.resolve(folder));
}

const put = (name: string, bytes: Uint8Array): Promise<void> => writeFile(path.join(folder, name), bytes);
const bytesFrom = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => (i * 7) % 256);
const labelsOf = (count: number, classes = 2): BigInt64Array =>
  BigInt64Array.from({ length: count }, (_, i) => BigInt(i % classes));

interface Arrays {
  readonly images: NpyArray;
  readonly labels: NpyArray;
}
const grey: Arrays = {
  images: { type: 'uint8', shape: [4, 3, 5], data: bytesFrom(60) },
  labels: { type: 'int64', shape: [4], data: labelsOf(4) },
};

async function putNpy({ images, labels }: Arrays): Promise<void> {
  for (const split of ['train', 'test']) {
    await put(`${split}_images.npy`, encodeNpy(images));
    await put(`${split}_labels.npy`, encodeNpy(labels));
  }
}

const refusal = async (): Promise<string> => {
  const error: unknown = await open().catch((thrown: unknown) => thrown);
  return error instanceof Error ? error.message : '';
};

describe('images as arrays', () => {
  it('are read from .npy files, of any size', async () => {
    await putNpy(grey);
    const dataset = await open();
    expect(dataset).toMatchObject({ classes: 2, image: [3, 5, 1], train: { count: 4 }, test: { count: 4 } });
    expect([...dataset.train.labels]).toEqual([0, 1, 0, 1]);
    expect(dataset.train.images(Int32Array.of(2))).toEqual(Float32Array.from(bytesFrom(60).subarray(30, 45), (x) => x / 255));
  });

  it('may have channels first, float pixels, and labels in a column', async () => {
    const planes = Float32Array.from({ length: 2 * 3 * 4 }, (_, i) => i / 24);
    await putNpy({
      images: { type: 'float32', shape: [2, 3, 2, 2], data: planes },
      labels: { type: 'uint8', shape: [2, 1], data: Uint8Array.of(0, 1) },
    });
    const dataset = await open();
    expect(dataset.image).toEqual([2, 2, 3]);
    expect([...dataset.train.images(Int32Array.of(0))].map((x) => Math.round(24 * x))).toEqual([
      0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11,
    ]);
  });

  it('are read from IDX files like those of EMNIST, plain or gzipped, and of any size', async () => {
    const idx = (shape: readonly number[], body: Uint8Array): Buffer => {
      const header = Buffer.alloc(4 + 4 * shape.length);
      [0x800 + shape.length, ...shape].forEach((value, i) => header.writeUInt32BE(value, 4 * i));
      return Buffer.concat([header, body]);
    };
    const labels = Uint8Array.from(labelsOf(4), Number);
    for (const split of ['train', 'test']) {
      await put(`emnist-letters-${split}-images-idx3-ubyte.gz`, gzipSync(idx([4, 3, 5], bytesFrom(60))));
      await put(`emnist-letters-${split}-labels-idx1-ubyte`, idx([4], labels));
    }
    expect(await open()).toMatchObject({ classes: 2, image: [3, 5, 1], train: { count: 4 } });
  });

  it('are read from archives of NumPy', async () => {
    const archives = new URL('../../protocol/fixtures/archives.json', import.meta.url);
    const fixture = JSON.parse(await readFile(archives, 'utf8')) as { archives: { file: string }[]; labels: number[] };
    const [stored, deflated] = fixture.archives.map(({ file }) => Buffer.from(file, 'base64'));
    await put('train.npz', stored!);
    await put('test.npz', deflated!);
    const dataset = await open();
    expect(dataset).toMatchObject({ classes: 2, image: [3, 2, 1] });
    expect([...dataset.test.labels]).toEqual(fixture.labels);
    expect(dataset.test.images(Int32Array.of(0, 3))).toEqual(dataset.train.images(Int32Array.of(0, 3)));
  });
});

describe('arrays that cannot be meant', () => {
  it('are named with what was expected', async () => {
    const { images, labels } = grey;
    const change = async (arrays: Partial<Arrays>): Promise<string> => {
      await putNpy({ ...grey, ...arrays });
      return refusal();
    };
    const normalised = { ...images, type: 'float32' as const, data: Float32Array.from(bytesFrom(60), (x) => x / 64 - 2) };
    expect(await change({ images: normalised })).toMatch(/train_images\.npy: a pixel of -2; expected floats in \[0,1\]/);
    expect(await change({ labels: { ...labels, shape: [2, 2] } })).toMatch(
      /train_labels\.npy: an array \(2, 2\); expected \(4\)/,
    );
    expect(await change({ labels: { ...labels, data: BigInt64Array.of(0n, 2n, 0n, 2n) } })).toMatch(
      /no image of class 1 in train/,
    );
    expect(await change({ labels: { ...labels, data: BigInt64Array.of(0n, 0n, 0n, 0n) } })).toMatch(
      /one class; expected at least two/,
    );
    expect(await change({ labels: { ...labels, data: BigInt64Array.of(-1n, 0n, 1n, 0n) } })).toMatch(
      /label -1; expected 0 to 9999/,
    );
    expect(await change({ images: { ...images, shape: [4, 15] } })).toMatch(/an array \(4, 15\); expected \(N, height, width\)/);
  });

  it('are refused when a file is truncated', async () => {
    await putNpy(grey);
    await truncate(path.join(folder, 'test_images.npy'), 150);
    expect(await refusal()).toMatch(/test_images\.npy: truncated: 22 bytes of data found, 60 expected/);
  });

  it('are refused when there is no whole set of files', async () => {
    await put('train_images.npy', encodeNpy(grey.images));
    await mkdir(path.join(folder, 'other'));
    expect(await refusal()).toMatch(
      /other, train_images\.npy; expected train\.npz and test\.npz with .images. and .labels.; or train_images/,
    );
  });
});
