/** Parquet files that pyarrow wrote (make_parquet.py), and what may be wrong with such files. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asFileParams, expectedFiles, fileDatasets } from '@ncsweep/catalog/datasets';
import { digestOf } from '@ncsweep/protocol/canonical';
import { examineDataset } from '@ncsweep/protocol/store/dataset-files';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dataset, Split } from './dataset.ts';
import { hubShard, parquetFiles, writeParquet, type NameShard, type ParquetWay } from '../testing/data-files.ts';
import { openDataset } from './open-dataset.ts';

const made = await parquetFiles();
const [hub] = made.ways as [ParquetWay];

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-parquet-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), bytes);
}

const putWay = (way: ParquetWay, nameOf: NameShard): Promise<void> => writeParquet(folder, way, nameOf);

const examined = () => examineDataset(expectedFiles('image-parquet'), folder);

/** Opens the dataset with params planned from what was found, as a sweep does. */
async function open(change: { readonly onlyClasses?: number[]; readonly trainPerClass?: number } = {}): Promise<Dataset> {
  const { entries, found } = await examined();
  const fields = { trainPerClass: 0, testPerClass: 0, ...change };
  const params = asFileParams(fileDatasets['image-parquet'], fields, digestOf(entries), found);
  return openDataset(params, 1, () => Promise.resolve(folder));
}

const labelsOf = ({ labels }: Split): number[] => [...labels];

/** The first pixel of an image, as bytes. */
const colourOf = (split: Split, i: number): number[] =>
  [...split.images(Int32Array.of(i)).subarray(0, 3)].map((value) => Math.round(255 * value));

describe('images in Parquet files', () => {
  it.each(made.ways)('are read with their labels, in the order of the shards: $name', async (way) => {
    await putWay(way, hubShard);
    const { classes, image, train, test } = await open();
    expect({ classes, image }).toEqual({ classes: 3, image: [made.side, made.side, 3] });
    expect(labelsOf(train)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(labelsOf(test)).toEqual([0, 1, 2]);
    for (let i = 0; i < made.count.train; i += 1) expect(colourOf(train, i)).toEqual([10 * i, 0, 255 - i]);
    expect(colourOf(test, 2)).toEqual([20, 200, 253]);
  });

  it('are found under the names that the hub and its tools give, and are then the same data', async () => {
    const digests = new Set<string>();
    for (const nameOf of [
      hubShard,
      (split: string, i: number) => `default/${split}/000${i}.parquet`,
      (split: string, i: number) => `${split === 'test' ? 'validation' : split}-0000${i}.parquet`,
    ]) {
      await rm(folder, { recursive: true });
      await putWay(hub, nameOf);
      digests.add(digestOf((await examined()).entries));
    }
    expect(digests.size).toBe(1);
  });

  it('may be of some classes, and only so many of each', async () => {
    await putWay(hub, hubShard);
    const { classes, train } = await open({ onlyClasses: [0, 2], trainPerClass: 2 });
    expect(classes).toBe(2);
    expect(labelsOf(train)).toEqual([0, 1, 0, 1]);
    expect([0, 1, 2, 3].map((i) => colourOf(train, i)[0])).toEqual([0, 20, 30, 50]);
  });

  it('leave out a validation split beside a test split, and say so', async () => {
    await putWay(hub, hubShard);
    await put('data/validation-00000-of-00001.parquet', Buffer.from(hub.test[0]!, 'base64'));
    expect((await examined()).found).toMatchObject({
      test: 3,
      skipped: ['data/validation-00000-of-00001.parquet: neither train nor test'],
    });
  });
});

const png = await sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
  .png()
  .toBuffer();
describe('Parquet files that cannot be meant', () => {
  const refusal = (): Promise<string> =>
    examined().then(
      () => 'accepted',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );

  it('lack a shard', async () => {
    await putWay(hub, hubShard);
    await rm(path.join(folder, hubShard('train', 1, 2)));
    expect(await refusal()).toMatch(/no shard 00001-of-00002; expected 2 of train/);
  });

  it('are shards of two downloads', async () => {
    await putWay(hub, hubShard);
    await put('data/train-00000-of-00001.parquet', Buffer.from(hub.train[0]!, 'base64'));
    expect(await refusal()).toMatch(/3 files of train; expected 1 of train, as this name says. Remove those of another download/);
  });

  it('lack a test split', async () => {
    await putWay({ ...hub, test: [] }, hubShard);
    expect(await refusal()).toMatch(/Parquet files data\/train-00000-of-00002\.parquet.* Both splits are needed/s);
  });

  it('belong to several data sets', async () => {
    await putWay(hub, (...shard) => `plain/${hubShard(...shard)}`);
    await putWay(hub, (...shard) => `blurred/${hubShard(...shard)}`);
    expect(await refusal()).toMatch(/Parquet files in blurred\/data, plain\/data; expected those of one data set/);
  });

  it('are cut anywhere', async () => {
    await putWay(hub, hubShard);
    const whole = Buffer.from(hub.test[0]!, 'base64');
    for (let length = 0; length < whole.length; length += 97) {
      await put(hubShard('test', 0, 1), whole.subarray(0, length));
      expect(await refusal(), `${length} bytes`).toMatch(/test-00000-of-00001\.parquet: .*expected a Parquet file/);
    }
  });

  it('are something else', async () => {
    await putWay(hub, hubShard);
    await rename(path.join(folder, hubShard('train', 0, 2)), path.join(folder, 'readme'));
    await put(hubShard('train', 0, 2), Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0'));
    expect(await refusal()).toMatch(/train-00000-of-00002\.parquet: a pointer of Git LFS.* git lfs pull/s);
  });

  const table = (columns: Readonly<Record<string, readonly unknown[]>>): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: Object.entries(columns).map(([name, data]) => ({
          name,
          data: [...data],
          type: data[0] instanceof Uint8Array ? 'BYTE_ARRAY' : typeof data[0] === 'string' ? 'STRING' : 'INT32',
        })),
      }),
    );
  const putBoth = async (columns: Readonly<Record<string, readonly unknown[]>>): Promise<void> => {
    for (const split of ['train', 'test']) await put(`${split}.parquet`, table(columns));
  };

  it.each([
    ['without images', { text: ['a', 'b'], label: [0, 1] }, /the columns text, label; expected one of image, img/],
    ['without labels', { image: [png, png] }, /the columns image; expected one of label, labels/],
    ['with labels in words', { image: [png, png], label: ['cat', 'dog'] }, /a column label of text.*class_encode_column/s],
    ['with a row without label', { image: [png, png], label: [0, -1] }, /row 1\): no label.* unlabelled test split/s],
    ['with a class without images', { image: [png, png], label: [0, 2] }, /no image of class 1 in train/],
    ['with one class', { image: [png, png], label: [0, 0] }, /images of one class; expected at least two/],
    ['with what is no image', { image: [png, Buffer.from('hello')], label: [0, 1] }, /row 1\): 5 bytes that are not an image/],
  ])('are tables %s', async (_what, columns, expected) => {
    await putBoth(columns);
    expect(await refusal()).toMatch(expected);
  });
});
