/** The safetensors format: an 8-byte header length (little endian), a JSON header, then raw little-endian tensors. */
import { InvalidFilesError } from './errors.ts';
import { readSafetensorsHeader, type StoredTensor } from './safetensors-header.ts';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Equal tensors in the same order give equal bytes. */
export function encodeSafetensors(tensors: readonly NamedTensor[]): Uint8Array {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const { name, shape, data } of tensors) {
    header[name] = {
      dtype: data instanceof Float64Array ? 'F64' : 'F32',
      shape,
      data_offsets: [offset, offset + data.byteLength],
    };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const bytes = new Uint8Array(8 + json.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let at = 8 + json.length;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Widens half-precision types to float32.
 * @param place names the file in errors
 * @throws InvalidFilesError
 */
export function decodeSafetensors(bytes: Uint8Array, place: string): readonly NamedTensor[] {
  const { tensors, bodyAt } = readSafetensorsHeader(bytes, bytes.length, place);
  return tensors.map((tensor) => decodeTensor(tensor, bytes.subarray(bodyAt), place));
}

function decodeTensor({ name, dtype, shape, start, end }: StoredTensor, body: Uint8Array, place: string): NamedTensor {
  const reader = readers[dtype];
  if (!reader)
    throw new InvalidFilesError({
      place,
      found: `${name} of type ${dtype}`,
      expected: Object.keys(readers).join(', '),
      remedy: 'Save it as one of these',
    });
  return { name, shape, data: reader(Uint8Array.from(body.subarray(start, end)).buffer) };
}

const readers: Readonly<Record<string, (buffer: ArrayBuffer) => Float32Array | Float64Array>> = {
  F64: (buffer) => new Float64Array(buffer),
  F32: (buffer) => new Float32Array(buffer),
  BF16: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer),
  F16: (buffer) => Float32Array.from(new Uint16Array(buffer), widenHalf),
  I64: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number),
};

/** IEEE 754 binary16 → number. */
function widenHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = (half & 0x3ff) / 1024;
  if (exponent === 0) return sign * fraction * 2 ** -14;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction) * 2 ** (exponent - 15);
}
