/** The images on which compute programs are tried: three classes of 8×8 colour images, as array files. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DecodedData } from '@ncsweep/catalog/compute/document';
import { digestOf, sha256 } from '@ncsweep/protocol/canonical';
import type { ArrayFile } from '@ncsweep/protocol/compute/task-document';
import { encodeNpy, type NpyArray } from '@ncsweep/protocol/npy';

export const caseClasses = 3;
export const caseImage: readonly [number, number, number] = [8, 8, 3];
const counts = { train: 20, test: 12 } as const;

/** A pattern of the class with a grain of the example; any function without much symmetry would do. */
function pixelsOf(count: number, salt: number): Uint8Array {
  const [height, width, channels] = caseImage;
  const at = (i: number, y: number, x: number, c: number): number => {
    const label = i % caseClasses;
    const pattern = 40 + 60 * label + 11 * (label + 1) * y + 7 * x * (caseClasses - label) + 29 * c;
    return (pattern + ((i * i * 31 + y * 17 * i + x * 13 * (i + 2) + c * 7 + salt) % 61)) % 256;
  };
  return Uint8Array.from({ length: count * height * width * channels }, (_, n) => {
    const [c, pixel] = [n % channels, Math.floor(n / channels)];
    return at(Math.floor(pixel / (height * width)), Math.floor(pixel / width) % height, pixel % width, c);
  });
}

/** @param folder is made @returns what a task says of it */
export async function writeCaseData(folder: string): Promise<DecodedData> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, array: NpyArray & { readonly type: ArrayFile['dtype'] }): Promise<ArrayFile> => {
    const bytes = encodeNpy(array);
    const file = path.join(folder, `${name}.npy`);
    await writeFile(file, bytes);
    return { path: file, dtype: array.type, shape: [...array.shape], sha256: sha256(bytes) };
  };
  const split = async (name: 'train' | 'test') => {
    const count = counts[name];
    const integers = (make: (i: number) => number) => Int32Array.from({ length: count }, (_, i) => make(i));
    const labels = integers((i) => i % caseClasses);
    const attribute = integers((i) => Math.floor(i / caseClasses) % 2);
    const data = pixelsOf(count, name === 'train' ? 0 : 23);
    return {
      count,
      images: await write(`${name}-images`, { type: 'uint8', shape: [count, ...caseImage], data }),
      labels: await write(`${name}-labels`, { type: 'int32', shape: [count], data: labels }),
      sideLabels: { attribute: await write(`${name}-attribute`, { type: 'int32', shape: [count], data: attribute }) },
    };
  };
  const [train, test] = [await split('train'), await split('test')];
  const key = digestOf([train.images.sha256, test.images.sha256]);
  return {
    data: { key, classes: caseClasses, image: [...caseImage], train, test },
    sideLabels: { train: { attribute: 2 }, test: { attribute: 2 } },
  };
}
