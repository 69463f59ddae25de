import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError } from './errors.ts';
import { decodeNpy, encodeNpy, type NpyArray } from './npy.ts';

/** A file as NumPy would write it, from its parts. */
function file(header: string, data: readonly number[], version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const lengthBytes = version === 1 ? [text.length & 0xff, text.length >> 8] : [text.length & 0xff, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...lengthBytes, ...text, ...data]);
}
const header = (descr: string, shape: string, order = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

const arrays = fc.oneof(
  fc.array(fc.float()).map((x): NpyArray => ({ type: 'float32', shape: [x.length], data: Float32Array.from(x) })),
  fc.array(fc.double()).map((x): NpyArray => ({ type: 'float64', shape: [1, x.length], data: Float64Array.from(x) })),
  fc.array(fc.integer()).map((x): NpyArray => ({ type: 'int32', shape: [x.length, 1, 1], data: Int32Array.from(x) })),
  fc
    .array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    .map((x): NpyArray => ({ type: 'int64', shape: [x.length], data: BigInt64Array.from(x) })),
  fc.array(fc.nat(255)).map((x): NpyArray => ({ type: 'uint8', shape: [x.length], data: Uint8Array.from(x) })),
  fc.array(fc.nat(1)).map((x): NpyArray => ({ type: 'bool', shape: [x.length], data: Uint8Array.from(x) })),
);

describe('npy', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(arrays, (array) => {
        const bytes = encodeNpy(array);
        expect(decodeNpy(bytes, 'x.npy')).toEqual(array);
        expect(decodeNpy(Buffer.from(bytes), 'x.npy')).toEqual(array); // a Buffer, as when read from a file
      }),
    );
  });

  it('writes the bytes that numpy.save writes', () => {
    const text = header('<f4', '(2,)').padEnd(117);
    const expected = file(text, [0, 0, 128, 63, 0, 0, 0, 192]);
    expect(encodeNpy({ type: 'float32', shape: [2], data: Float32Array.of(1, -2) })).toEqual(expected);
  });

  it.each([1, 2, 3])('reads version %i in both byte orders', (version) => {
    expect(decodeNpy(file(header('<i4', '(1, 2)'), [1, 0, 0, 0, 2, 1, 0, 0], version), 'x').data).toEqual(Int32Array.of(1, 258));
    expect(decodeNpy(file(header('>i4', '(1, 2)'), [0, 0, 0, 1, 0, 0, 1, 2], version), 'x').data).toEqual(Int32Array.of(1, 258));
    expect(decodeNpy(file(header('>f8', '()'), [0xc0, 0, 0, 0, 0, 0, 0, 0], version), 'x')).toEqual({
      type: 'float64',
      shape: [],
      data: Float64Array.of(-2),
    });
  });

  it.each([
    ['empty', new Uint8Array(), 'not an .npy file'],
    ['a zip', Uint8Array.from({ length: 40 }, (_, i) => i), 'not an .npy file'],
    ['a newer version', file(header('<f4', '(1,)'), [], 4), 'version 4'],
    ['Fortran order', file(header('<f4', '(1, 1)', 'True'), [0, 0, 0, 0]), 'ascontiguousarray'],
    ['pickles', file(header('|O', '(1,)'), [1]), 'pickled'],
    ['half floats', file(header('<f2', '(1,)'), [0, 0]), 'type <f2 found'],
    ['a structured type', file(`{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }`, [0, 0, 0, 0]), 'structured'],
    ['no header', file('hello', []), 'unreadable'],
    ['missing data', file(header('<f4', '(3,)'), [0, 0, 0, 0]), '4 bytes of data found, 12 expected for shape (3)'],
    ['data left over', file(header('|u1', '(1,)'), [1, 2]), 'more data'],
    ['a header cut short', file(header('<f4', '(3,)'), []).subarray(0, 30), 'truncated'],
    ['a shape beyond any memory', file(header('<f8', '(99999999, 99999999, 99999999)'), []), 'impossible shape'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeNpy(bytes, 'f.npy')).toThrow(DecodeError);
    expect(() => decodeNpy(bytes, 'f.npy')).toThrow(message);
    expect(() => decodeNpy(bytes, 'f.npy')).toThrow(/^f\.npy: /);
  });

  it('never crashes on damaged bytes', () => {
    const good = encodeNpy({ type: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) });
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bad = Uint8Array.from(good);
        bad[at] = byte;
        try {
          decodeNpy(bad, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});
