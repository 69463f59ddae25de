import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InvalidFilesError } from './errors.ts';
import { readSafetensorsHeader } from './safetensors-header.ts';

interface Fixtures {
  readonly files: readonly { readonly name: string; readonly accepted: boolean; readonly file: string }[];
}

const { files } = JSON.parse(readFileSync(new URL('fixtures/safetensors.json', import.meta.url), 'utf8')) as Fixtures;
const bytesOf = (name: string): Buffer => Buffer.from(files.find((each) => each.name === name)!.file, 'base64');
const read = (bytes: Uint8Array) => readSafetensorsHeader(bytes, bytes.length, 'w.safetensors');

function refusal(bytes: Uint8Array): InvalidFilesError['problem'] | undefined {
  try {
    read(bytes);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidFilesError) return error.problem;
    throw error;
  }
}

describe('readSafetensorsHeader', () => {
  it.each(files)('judges $name as the reference reader does', ({ file, accepted }) => {
    expect(refusal(Buffer.from(file, 'base64')) === undefined).toBe(accepted);
  });

  it('tells tensors in the order of their bytes', () => {
    const { tensors, bodyAt } = read(bytesOf('written in another order'));
    expect(tensors).toEqual([
      { name: 'a', dtype: 'F32', shape: [2, 2], start: 0, end: 16 },
      { name: 'b', dtype: 'F16', shape: [4], start: 16, end: 24 },
    ]);
    expect(bytesOf('written in another order').length - bodyAt).toBe(24);
  });

  it('needs no more than the header', () => {
    const whole = bytesOf('two tensors');
    const { bodyAt } = read(whole);
    expect(readSafetensorsHeader(whole.subarray(0, bodyAt), whole.length, 'w')).toEqual(read(whole));
  });

  it('refuses a file that ends early, wherever, and one that goes on', () => {
    const whole = bytesOf('two tensors');
    for (let length = 0; length < whole.length; length += 1) expect(refusal(whole.subarray(0, length))).toBeDefined();
    expect(refusal(Buffer.concat([whole, Buffer.of(0)]))?.found).toBe('1 bytes after the last tensor');
  });

  it.each([
    ['', 'an empty file', /Download it again/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:12', 'a pointer of Git LFS, not the file itself', /git lfs pull/],
    ['<html>Log in</html>', 'a web page', /Download it again/],
    ['\x80\x02}q\0(X\x01\0\0\0aq', 'a pickle', /save_file\(torch\.load/],
    [`PK\x03\x04${'\0'.repeat(26)}archive/data.pkl`, 'a PyTorch checkpoint (zip of pickles)', /save_file\(torch\.load/],
    ['\x89HDF\r\n\x1a\n', 'an HDF5 file', /Save it again/],
  ])('calls %j by its name', (text, found, remedy) => {
    const problem = refusal(Buffer.from(text, 'latin1'));
    expect(problem).toMatchObject({ place: 'w.safetensors', found, expected: 'a safetensors file' });
    expect(problem?.remedy).toMatch(remedy);
  });
});
