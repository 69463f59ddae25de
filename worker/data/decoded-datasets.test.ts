import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatasetParams } from '@ncsweep/catalog/datasets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskCache } from '../disk-cache.ts';
import { arrayDataset } from './array-dataset.ts';
import { DecodedDatasets, type DecodedRequest } from './decoded-datasets.ts';
import { openDataset } from './open-dataset.ts';

const params: DatasetParams = {
  name: 'prototypes',
  digest: '0'.repeat(64),
  classes: 3,
  trainPerClass: 4,
  testPerClass: 2,
  imageSize: 8,
};
const never = new AbortController().signal;
const request = (seed: number, change: Partial<DecodedRequest> = {}): DecodedRequest => ({
  params,
  seed,
  source: () => Promise.reject(new Error('made data has no source')),
  cellId: 'c'.repeat(64),
  signal: never,
  ...change,
});

let folder = '';
let cache: DiskCache;
let datasets: DecodedDatasets;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-decoded-'));
  cache = await DiskCache.open(folder, 1e6);
  datasets = new DecodedDatasets(cache);
});
afterEach(async () => {
  await datasets.close();
  await rm(folder, { recursive: true });
});

describe('decoded datasets', () => {
  it('are the dataset, as arrays', async () => {
    const { data } = await datasets.get(request(5));
    const [read, opened] = [await arrayDataset(data), await openDataset(params, 5, () => Promise.resolve(''))];
    for (const split of ['train', 'test'] as const) {
      expect(read[split].labels).toEqual(opened[split].labels);
      expect(read[split].pixels).toEqual(opened[split].pixels);
    }
    expect([read.classes, read.image]).toEqual([opened.classes, opened.image]);
  });

  it('are made once for each seed, one after the other', async () => {
    const [first, again, other] = [
      await datasets.get(request(5)),
      await datasets.get(request(5)),
      await datasets.get(request(6)),
    ];
    expect(again).toBe(first);
    expect(other.data.key).not.toBe(first.data.key);
    expect(other.data.train.images.sha256).not.toBe(first.data.train.images.sha256);
    expect(other.data.train.labels.sha256).toBe(first.data.train.labels.sha256);
  });

  it('make room for each other once they are not in use', async () => {
    const { sizeBytes } = await datasets.get(request(0));
    await cache.close();
    cache = await DiskCache.open(folder, 1.5 * sizeBytes);
    const few = new DecodedDatasets(cache);
    await few.get(request(1));
    await expect(few.get(request(2))).rejects.toMatchObject({
      failureClass: 'userError',
      message: expect.stringContaining('worker.scratch') as string,
    });
    few.release();
    await few.get(request(2));
    expect(await readdir(path.join(folder, (await readdir(folder))[0]!))).toHaveLength(1);
    await few.close();
  });

  it('are bad data where a file is', async () => {
    const arrays: DatasetParams = { name: 'cifar10', digest: '1'.repeat(64), classes: [], trainPerClass: 0, testPerClass: 0 };
    const empty = request(1, { params: arrays, source: () => Promise.resolve(folder) });
    await expect(datasets.get(empty)).rejects.toMatchObject({ failureClass: 'badData' });
    expect((await datasets.get(request(1))).data.classes).toBe(3); // the thread goes on
  });

  it('end with the task that wanted them', async () => {
    const stop = new AbortController();
    const large = { ...params, trainPerClass: 20_000 };
    const wanted = datasets.get(request(1, { params: large, signal: stop.signal }));
    setTimeout(() => stop.abort(), 50);
    await expect(wanted).rejects.toMatchObject({ failureClass: 'disruption' });
    expect((await datasets.get(request(1))).data.classes).toBe(3);
  });
});

describe('arrays of a task', () => {
  it('are refused when they are not what the task says', async () => {
    const { data } = await datasets.get(request(9));
    const { images } = data.train;
    const changed = (change: Partial<typeof images>) => ({
      ...data,
      key: JSON.stringify(change),
      train: { ...data.train, images: { ...images, ...change } },
    });
    await expect(arrayDataset(changed({ path: path.join(folder, 'gone.npy') }))).rejects.toThrow(/gone\.npy: it cannot be read/);
    await expect(arrayDataset(changed({ sha256: 'f'.repeat(64) }))).rejects.toThrow(/not what the task says/);
    await expect(arrayDataset(changed({ dtype: 'uint8' }))).rejects.toThrow(/float32 \(12, 8, 8, 1\); the task says uint8/);
    await expect(arrayDataset(changed({ shape: [6, 8, 8, 2] }))).rejects.toThrow(/where the task has 12 of 8×8×1/);
    await writeFile(images.path, 'x');
    await expect(arrayDataset({ ...data, key: 'changed' })).rejects.toThrow(/not what the task says/);
  });
});
