import { readIdxFile } from '@ncsweep/catalog/datasets/idx-file';
import { describe, expect, it } from 'vitest';
import { idxFiles, readDigits } from './idx-files.ts';

const pixels = 28 * 28;
/** As the package rounds: bytes over 255 to three decimals. */
const rounded = (bytes: readonly number[]): { data: number[] } => ({ data: bytes.map((b) => Number((b / 255).toFixed(3))) });
const every = Array.from({ length: pixels }, (_, i) => i % 256);

describe('readDigits', () => {
  it('gives back each of the 256 bytes that the package rounded', () => {
    expect([...readDigits(rounded(every), 3)]).toEqual(every);
  });

  it.each([
    ['a value between two bytes', { data: [...every.slice(1).map(() => 0), 0.5 / 255] }, /the value 0.0019.*no byte/],
    ['part of an image', { data: every.slice(1).map(() => 0) }, /783 values/],
    ['no digits', {}, /expected array/],
  ])('refuses %s', (_, content, words) => {
    expect(() => readDigits(content, 3)).toThrow(words);
  });
});

describe('idxFiles', () => {
  it('splits each digit after 700 images, in turn, and keeps every pixel', () => {
    const images = (digit: number, count: number): Uint8Array =>
      Uint8Array.from({ length: count * pixels }, (_, i) => (digit + Math.floor(i / pixels)) % 256);
    const files = idxFiles([images(0, 702), images(1, 701)]);
    const read = (name: string, rank: 1 | 3) => readIdxFile(files[name]!, rank, name);
    expect(read('train-images-idx3-ubyte', 3).shape).toEqual([1400, 28, 28]);
    expect([...read('t10k-labels-idx1-ubyte', 1).body]).toEqual([0, 1, 0]);
    const test = read('t10k-images-idx3-ubyte', 3).body;
    expect([0, 1, 2].map((i) => test[i * pixels])).toEqual([700 % 256, 701 % 256, 701 % 256]);
  });
});
