import { mkdir, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { datasetDigest } from '@ncsweep/protocol/store/dataset-files';
import { expectedFiles, type FileDatasetName, type FileParams } from '@ncsweep/catalog/datasets';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BadDataError, type Dataset } from './dataset.ts';
import { centreSquare } from './class-folders.ts';
import { openDataset } from './open-dataset.ts';
import { writeCifar10, writeCifar100, writeImageFolder, writeMnist } from '../testing/data-files.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-data-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function open(
  name: FileDatasetName,
  change: Partial<{ classes: number[]; trainPerClass: number; testPerClass: number }> = {},
): Promise<Dataset> {
  const digest = await datasetDigest(expectedFiles(name), folder);
  const size = name === 'imagenette' || name === 'image-folder' ? { imageSize: 16 } : {};
  const params = { name, digest, classes: [], trainPerClass: 0, testPerClass: 0, ...size, ...change } as FileParams;
  return openDataset(params, 1, () => Promise.resolve(folder));
}

const labels = (dataset: Dataset): number[] => [...dataset.train.labels];
const first = (dataset: Dataset): Float32Array => dataset.train.images(Int32Array.of(0));

describe('datasets in their real formats', () => {
  it('reads CIFAR-10: planes become channels, bytes become [0,1]', async () => {
    await writeCifar10(folder);
    const dataset = await open('cifar10');
    expect(dataset).toMatchObject({ classes: 10, image: [32, 32, 3], train: { count: 100 }, test: { count: 20 } });
    const bytes = await readFile(path.join(folder, 'data_batch_1.bin'));
    const image = first(dataset);
    for (const [y, x, c] of [
      [0, 0, 0],
      [3, 5, 1],
      [31, 31, 2],
    ] as const)
      expect(image[(y * 32 + x) * 3 + c]).toBeCloseTo(bytes[1 + c * 1024 + y * 32 + x]! / 255, 6);
  });

  it('reads the fine labels of CIFAR-100', async () => {
    await writeCifar100(folder);
    const dataset = await open('cifar100');
    expect(dataset.classes).toBe(100);
    expect(labels(dataset).slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('reads MNIST, plain and gzipped alike', async () => {
    await writeMnist(folder);
    const plain = await open('mnist');
    const digest = await datasetDigest(expectedFiles('mnist'), folder);
    await rm(folder, { recursive: true });
    await writeMnist(folder, 40, true);
    expect(await datasetDigest(expectedFiles('mnist'), folder)).toBe(digest);
    expect(first(await open('mnist'))).toEqual(first(plain));
    expect(plain.image).toEqual([28, 28, 1]);
  });

  it('reads folders of photographs, scaled and cropped', async () => {
    await writeImageFolder(folder);
    const dataset = await open('image-folder');
    expect(dataset).toMatchObject({ classes: 2, image: [16, 16, 3], train: { count: 8 } });
    expect(labels(dataset)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    for (const value of first(dataset)) expect(Math.abs(value - 40 / 255)).toBeLessThan(0.02);
  });

  it('reads images by what they hold, whatever their names and however deep they lie', async () => {
    await writeImageFolder(folder);
    const before = await open('image-folder');
    const train = path.join(folder, 'train/n01');
    await rename(path.join(train, '1.png'), path.join(train, '1.JPEG'));
    await mkdir(path.join(train, 'more'));
    await rename(path.join(train, '3.png'), path.join(train, 'more/3.png'));
    const after = await open('image-folder');
    expect(labels(after)).toEqual(labels(before));
    expect(first(after)).toEqual(first(before));
  });

  it('keeps classes and counts in file order, renumbered', async () => {
    await writeCifar10(folder);
    const whole = await open('cifar10');
    const part = await open('cifar10', { classes: [3, 7], trainPerClass: 4 });
    expect(part.classes).toBe(2);
    expect(labels(part)).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(first(part)).toEqual(whole.train.images(Int32Array.of(3)));
    expect(part.test.count).toBe(4);
  });

  it('averages areas: a checkerboard becomes grey, an equal size stays', () => {
    const data = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => ((Math.floor(i / 3) + Math.floor(i / 12)) % 2) * 255);
    expect([...centreSquare({ width: 4, height: 4, data }, 2)]).toEqual(Array.from({ length: 12 }, () => 128));
    expect(centreSquare({ width: 4, height: 4, data }, 4)).toEqual(data);
  });
});

describe('files that are not what they should be', () => {
  const refusal = async (name: FileDatasetName, change = {}): Promise<string> => {
    const error: unknown = await open(name, change).catch((e: unknown) => e);
    return error instanceof Error ? error.message : '';
  };

  it('missing', async () => {
    await writeCifar10(folder);
    await rm(path.join(folder, 'data_batch_3.bin'));
    expect(await refusal('cifar10')).toMatch(/data_batch_3\.bin: no such file; expected data_batch_1\.bin/);
  });

  it('truncated', async () => {
    await writeCifar10(folder);
    await truncate(path.join(folder, 'test_batch.bin'), 5000);
    expect(await refusal('cifar10')).toMatch(/test_batch\.bin: 5000 bytes; expected whole records of 3073 bytes/);
    await writeMnist(folder);
    await truncate(path.join(folder, 't10k-images-idx3-ubyte'), 900);
    expect(await refusal('mnist')).toMatch(/900 bytes; expected 31376: its header says 40 examples of 28×28/);
  });

  it('truncated between two records, which leaves whole ones', async () => {
    await writeCifar10(folder);
    await truncate(path.join(folder, 'data_batch_2.bin'), 17 * 3073);
    expect(await refusal('cifar10')).toMatch(/9 images of class 7 and 10 of class 0 .*17 in .*data_batch_2\.bin.*truncated/);
    await writeCifar100(folder);
    await truncate(path.join(folder, 'test.bin'), 120 * 3074);
    expect(await refusal('cifar100')).toMatch(/test\.bin: 1 images of class 20 and 2 of class 0/);
  });

  it('truncated anywhere, plain or gzipped', async () => {
    await writeMnist(folder, 10, true);
    const file = path.join(folder, 't10k-labels-idx1-ubyte.gz');
    const whole = await readFile(file);
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(file, whole.subarray(0, length));
      expect(await refusal('mnist')).toMatch(/t10k-labels-idx1-ubyte\.gz: /);
    }
  });

  it('of fewer classes than Imagenette has', async () => {
    await writeImageFolder(folder);
    expect(await refusal('imagenette')).toMatch(/train: 2 class folders; expected 10/);
  });

  it('wrongly labelled', async () => {
    await writeCifar10(folder);
    await writeFile(path.join(folder, 'data_batch_1.bin'), Buffer.alloc(3073, 200));
    expect(await refusal('cifar10')).toMatch(/label 200 of record 0; expected 0 to 9/);
  });

  it('of another kind', async () => {
    await writeMnist(folder);
    await writeFile(path.join(folder, 'train-labels-idx1-ubyte'), 'hello world');
    expect(await refusal('mnist')).toMatch(/train-labels-idx1-ubyte: an unknown header; expected an IDX header of labels/);
    await writeImageFolder(folder);
    await writeFile(path.join(folder, 'train/n01/0.JPEG'), 'hello');
    expect(await refusal('image-folder')).toMatch(/0\.JPEG: 5 bytes that are not an image; expected a JPEG, PNG/);
  });

  it('with other classes in val', async () => {
    await writeImageFolder(folder);
    await rm(path.join(folder, 'val/n02'), { recursive: true });
    expect(await refusal('image-folder')).toMatch(
      /val\/n02: no such class folder; expected images of every class in train and val/,
    );
  });

  it('changed since they were planned', async () => {
    await writeCifar10(folder);
    const params: FileParams = { name: 'cifar10', digest: 'a'.repeat(64), classes: [], trainPerClass: 0, testPerClass: 0 };
    await expect(openDataset(params, 1, () => Promise.resolve(folder))).rejects.toThrow(BadDataError);
  });
});
