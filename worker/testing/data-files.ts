/** Writers of small datasets in the real formats, for tests. Pixels are functions of label and index. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { encodeNpy } from '@ncsweep/protocol/npy';
import sharp from 'sharp';

const pixel = (label: number, i: number, c: number): number => (label * 23 + i * 7 + c * 50) % 256;

function record(label: number, index: number, labelBytes: number): Buffer {
  const bytes = Buffer.alloc(labelBytes + 3072);
  bytes[labelBytes - 1] = label;
  for (let c = 0; c < 3; c += 1) for (let i = 0; i < 1024; i += 1) bytes[labelBytes + c * 1024 + i] = pixel(label, i + index, c);
  return bytes;
}

/** @param perFile records in each file; labels cycle */
export async function writeCifar10(folder: string, perFile = 20): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of [...[1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`), 'test_batch.bin']) {
    const records = Array.from({ length: perFile }, (_, i) => record(i % 10, i, 1));
    await writeFile(path.join(folder, name), Buffer.concat(records));
  }
}

export async function writeCifar100(folder: string, perFile = 200): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of ['train.bin', 'test.bin']) {
    const records = Array.from({ length: perFile }, (_, i) => record(i % 100, i, 2));
    await writeFile(path.join(folder, name), Buffer.concat(records));
  }
}

export async function writeMnist(folder: string, count = 40, gzipped = false): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const prefix of ['train', 't10k']) {
    const images = Buffer.alloc(16 + count * 784);
    [0x803, count, 28, 28].forEach((value, i) => images.writeUInt32BE(value, 4 * i));
    const labels = Buffer.alloc(8 + count);
    [0x801, count].forEach((value, i) => labels.writeUInt32BE(value, 4 * i));
    for (let i = 0; i < count; i += 1) {
      labels[8 + i] = i % 10;
      for (let j = 0; j < 784; j += 1) images[16 + i * 784 + j] = pixel(i % 10, j, i);
    }
    const put = (name: string, bytes: Buffer): Promise<void> =>
      writeFile(path.join(folder, gzipped ? `${name}.gz` : name), gzipped ? gzipSync(bytes) : bytes);
    await put(`${prefix}-images-idx3-ubyte`, images);
    await put(`${prefix}-labels-idx1-ubyte`, labels);
  }
}

/** Two classes of grey images, 6×9 pixels. */
export async function writeArrays(folder: string, count = 8): Promise<void> {
  await mkdir(folder, { recursive: true });
  const size = 6 * 9;
  const data = Uint8Array.from({ length: count * size }, (_, i) => pixel(Math.floor(i / size) % 2, i, 0));
  const labels = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 2));
  for (const split of ['train', 'test']) {
    await writeFile(path.join(folder, `${split}_images.npy`), encodeNpy({ type: 'uint8', shape: [count, 6, 9], data }));
    await writeFile(path.join(folder, `${split}_labels.npy`), encodeNpy({ type: 'int64', shape: [count], data: labels }));
  }
}

export interface FlatImage {
  readonly width: number;
  readonly height: number;
  /** Grey level of all pixels. */
  readonly level: number;
}

type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'tiff';

/** An image in a single grey. */
export const flatImage = ({ width, height, level }: FlatImage, format: ImageFormat): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: level, g: level, b: level } } })
    .toFormat(format)
    .toBuffer();

/** Two classes of JPEG and PNG images in several shapes. */
export async function writeImageFolder(folder: string, perClass = 4): Promise<void> {
  for (const split of ['train', 'val']) {
    for (const [label, name] of ['n01', 'n02'].entries()) {
      await mkdir(path.join(folder, split, name), { recursive: true });
      for (let i = 0; i < perClass; i += 1) {
        const image = { width: 20 + 4 * i, height: 24, level: 40 + 150 * label };
        const bytes = await flatImage(image, i % 2 === 0 ? 'jpeg' : 'png');
        await writeFile(path.join(folder, split, name, `${i}.${i % 2 === 0 ? 'JPEG' : 'png'}`), bytes);
      }
    }
  }
}

/** Parquet files that pyarrow wrote (make_parquet.py), in the ways in which the hub keeps images. */
export interface ParquetFiles {
  /** Of the images, in pixels. */
  readonly side: number;
  readonly count: { readonly train: number; readonly test: number };
  readonly ways: readonly ParquetWay[];
}

export interface ParquetWay {
  readonly name: string;
  /** Files of each split in base64. */
  readonly train: readonly string[];
  readonly test: readonly string[];
}

export async function parquetFiles(): Promise<ParquetFiles> {
  return JSON.parse(await readFile(new URL('../data/fixtures/parquet.json', import.meta.url), 'utf8')) as ParquetFiles;
}

/** Name of one of `of` shards. */
export type NameShard = (split: string, i: number, of: number) => string;

const five = (n: number): string => String(n).padStart(5, '0');
export const hubShard: NameShard = (split, i, of) => `data/${split}-${five(i)}-of-${five(of)}.parquet`;

export async function writeParquet(folder: string, { train, test }: ParquetWay, nameOf: NameShard): Promise<void> {
  for (const [split, files] of Object.entries({ train, test }))
    for (const [i, file] of files.entries()) {
      const to = path.join(folder, nameOf(split, i, files.length));
      await mkdir(path.dirname(to), { recursive: true });
      await writeFile(to, Buffer.from(file, 'base64'));
    }
}

/** Images as the hub keeps them. */
export async function writeHubImages(folder: string): Promise<void> {
  const { ways } = await parquetFiles();
  await writeParquet(folder, ways[0]!, hubShard);
}
