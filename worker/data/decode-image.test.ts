import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BadDataError } from './dataset.ts';
import { decodeImage } from './decode-image.ts';

interface Fixture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly file: string;
  readonly rgb: string;
}

const fixtures = JSON.parse(readFileSync(new URL('fixtures/images.json', import.meta.url), 'utf8')) as readonly Fixture[];
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');

describe('decodeImage', () => {
  it.each(fixtures)("gives Pillow's pixels for $name", async ({ width, height, file, rgb }) => {
    const image = await decodeImage(bytesOf(file), 'a');
    expect(image).toMatchObject({ width, height });
    expect(Buffer.from(image.data).equals(bytesOf(rgb))).toBe(true);
  });

  it.each(fixtures)('refuses $name that ends early, wherever', async ({ file }) => {
    const whole = bytesOf(file);
    const accepted: number[] = [];
    for (let length = 0; length < whole.length; length += 1)
      await decodeImage(whole.subarray(0, length), 'a').then(
        () => accepted.push(length),
        () => undefined,
      );
    expect(accepted).toEqual([]);
  });

  it.each([
    ['', /a\.png: an empty file; expected an image\. Download it again/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:1', /a pointer of Git LFS.*git lfs pull/],
    ['<!DOCTYPE html><title>Sign in</title>', /a web page/],
    ['BM\0\0\0\0', /a BMP image, which is not supported; .*Convert it to PNG/],
    ['hello', /not a complete image/],
  ])('says what %j is', async (text, message) => {
    const thrown: unknown = await decodeImage(Buffer.from(text), 'a.png').catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(BadDataError);
    expect((thrown as Error).message).toMatch(message);
  });
});
