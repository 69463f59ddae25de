/** The safetensors format: 8 bytes header length (little endian), a JSON header, then raw little-endian tensors. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Thrown when bytes are not a safetensors file that we read; the message says what is wrong. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Equal tensors in equal order give equal bytes. */
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

/** Widens half precisions to float32. @throws SafetensorsError */
export function decodeSafetensors(bytes: Uint8Array): readonly NamedTensor[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= 8 ? Number(view.getBigUint64(0, true)) : NaN;
  if (!(8 + length <= bytes.length)) throw new SafetensorsError('not a safetensors file: its header is longer than the file');
  const body = bytes.subarray(8 + length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    throw new SafetensorsError('not a safetensors file: its header is not JSON', { cause });
  }
  if (typeof header !== 'object' || header === null)
    throw new SafetensorsError('not a safetensors file: its header is not an object');
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => decodeTensor(name, entry as Entry, body));
}

interface Entry {
  readonly dtype?: unknown;
  readonly shape?: unknown;
  readonly data_offsets?: unknown;
}

function decodeTensor(name: string, { dtype, shape, data_offsets: offsets }: Entry, body: Uint8Array): NamedTensor {
  const numbers = (value: unknown): value is number[] =>
    Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!numbers(shape) || !numbers(offsets)) throw new SafetensorsError(`${name}: its header entry has no shape or offsets`);
  const [start = 0, end = 0] = offsets;
  const reader = typeof dtype === 'string' ? readers[dtype] : undefined;
  if (!reader)
    throw new SafetensorsError(`${name}: dtype ${String(dtype)} is not read; expected ${Object.keys(readers).join(', ')}`);
  if (end > body.length || end - start !== size(shape) * reader.bytes) {
    throw new SafetensorsError(
      `${name}: ${end - start} bytes for shape ${shape.join('×')} of ${String(dtype)}: the file is truncated or wrong`,
    );
  }
  return { name, shape, data: reader.read(Uint8Array.from(body.subarray(start, end)).buffer) };
}

const readers: Readonly<Record<string, { bytes: number; read: (buffer: ArrayBuffer) => Float32Array | Float64Array }>> = {
  F64: { bytes: 8, read: (buffer) => new Float64Array(buffer) },
  F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  BF16: { bytes: 2, read: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer) },
  F16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), widenHalf) },
  I64: { bytes: 8, read: (buffer) => Float32Array.from(new BigInt64Array(buffer), Number) },
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
