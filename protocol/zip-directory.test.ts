import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InvalidFilesError } from './errors.ts';
import { decodeNpy } from './npy.ts';
import { readFrom, unpackEntry, zipEntries } from './zip-directory.ts';

interface Fixtures {
  readonly images: readonly number[];
  readonly labels: readonly number[];
  readonly archives: readonly { readonly name: string; readonly file: string }[];
}

const { archives, images, labels } = JSON.parse(
  readFileSync(new URL('fixtures/archives.json', import.meta.url), 'utf8'),
) as Fixtures;

function unpack(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const read = readFrom(bytes);
  return new Map(zipEntries(read, bytes.length, 'a.npz').map((entry) => [entry.name, unpackEntry(read, entry, 'a.npz')]));
}

describe.each(archives)('an archive of NumPy, $name', ({ file }) => {
  const whole = Buffer.from(file, 'base64');

  it('holds the arrays that were put into it', () => {
    const found = unpack(whole);
    expect([...found.keys()]).toEqual(['images.npy', 'labels.npy']);
    expect(decodeNpy(found.get('images.npy')!, 'images')).toMatchObject({ type: 'uint8', shape: [4, 3, 2] });
    expect([...decodeNpy(found.get('images.npy')!, 'images').data]).toEqual(images);
    expect([...decodeNpy(found.get('labels.npy')!, 'labels').data].map(Number)).toEqual(labels);
  });

  it('is refused when it ends early, wherever', () => {
    for (let length = 0; length < whole.length; length += 1)
      expect(() => unpack(whole.subarray(0, length)), String(length)).toThrow(InvalidFilesError);
  });

  it('is refused when a byte of an array is another', () => {
    const [entry] = zipEntries(readFrom(whole), whole.length, 'a.npz');
    const changed = Buffer.from(whole);
    const at = entry!.start + Math.floor(entry!.storedBytes / 2);
    changed[at] = changed[at]! ^ 0x55;
    expect(() => unpack(changed)).toThrow(/images\.npy, (whose contents do not match their checksum|which does not unpack)/);
  });
});
