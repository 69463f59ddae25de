/** NumPy's .npy files: one array in C order, of the types that features, labels and weights have. */
import { DecodeError } from './errors.ts';

const types = {
  float32: { code: 'f4', array: Float32Array },
  float64: { code: 'f8', array: Float64Array },
  int32: { code: 'i4', array: Int32Array },
  int64: { code: 'i8', array: BigInt64Array },
  uint8: { code: 'u1', array: Uint8Array },
  bool: { code: 'b1', array: Uint8Array },
} as const;

export type NpyType = keyof typeof types;
export type NpyData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

export interface NpyArray {
  readonly type: NpyType;
  readonly shape: readonly number[];
  /** Row-major; booleans as 0 and 1. */
  readonly data: NpyData;
}

export interface NpyHeader {
  readonly type: NpyType;
  readonly shape: readonly number[];
  readonly bytesPerElement: number;
  /** Where the data begin. */
  readonly offset: number;
  /** Whether bytes must be swapped on this machine. */
  readonly swapped: boolean;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
/** Longest header accepted; NumPy uses the same limit for untrusted files. */
export const maxHeaderBytes = 10_000;
const hostIsLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export const elementCount = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Reads the header from the first bytes of a file. @param path names the file in errors @throws DecodeError */
export function decodeNpyHeader(bytes: Uint8Array, path: string): NpyHeader {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw new DecodeError(path, 'not an .npy file: it does not begin with \\x93NUMPY; write it with numpy.save');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint8(6);
  if (version < 1 || version > 3) throw new DecodeError(path, `.npy version ${version} found, 1 to 3 expected`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw truncated(path);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderBytes) throw new DecodeError(path, `header of ${length} bytes found, at most ${maxHeaderBytes} expected`);
  const offset = start + length;
  if (bytes.length < offset) throw truncated(path);
  return { ...parseHeader(new TextDecoder().decode(bytes.subarray(start, offset)), path), offset };
}

/** Elements from raw bytes, swapped where needed. @param bytes a whole number of elements; not changed */
export function decodeNpyData(header: NpyHeader, bytes: Uint8Array): NpyData {
  const copy = new Uint8Array(bytes); // slicing a Buffer would not copy
  if (header.swapped) reverseElements(copy, header.bytesPerElement);
  const data = new types[header.type].array(copy.buffer);
  return header.type === 'bool' ? (data as Uint8Array).map((x) => (x === 0 ? 0 : 1)) : data;
}

/** @param path names the file in errors @throws DecodeError for anything but one complete array in C order */
export function decodeNpy(bytes: Uint8Array, path: string): NpyArray {
  const header = decodeNpyHeader(bytes, path);
  checkNpyLength(header, bytes.length, path);
  return { type: header.type, shape: header.shape, data: decodeNpyData(header, bytes.subarray(header.offset)) };
}

/** @param fileBytes length of the whole file @throws DecodeError when it is not header plus data */
export function checkNpyLength(header: NpyHeader, fileBytes: number, path: string): void {
  const expected = elementCount(header.shape) * header.bytesPerElement;
  const found = fileBytes - header.offset;
  if (found === expected) return;
  const reason = found < expected ? 'truncated' : 'more data than its shape says';
  throw new DecodeError(
    path,
    `${reason}: ${found} bytes of data found, ${expected} expected for shape (${header.shape.join(', ')})`,
  );
}

/** The version 1 header that precedes an array's data, in this machine's byte order. */
export function encodeNpyHeader(type: NpyType, shape: readonly number[]): Uint8Array {
  const { code, array } = types[type];
  const order = array.BYTES_PER_ELEMENT === 1 ? '|' : hostIsLittle ? '<' : '>';
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const bytes = new Uint8Array(10 + length);
  bytes.set([...magic, 1, 0, length & 0xff, length >> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  return bytes;
}

/** @throws RangeError when shape and data disagree */
export function encodeNpy({ type, shape, data }: NpyArray): Uint8Array {
  if (elementCount(shape) !== data.length) throw new RangeError(`${data.length} elements for shape (${shape.join(', ')})`);
  const header = encodeNpyHeader(type, shape);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  return bytes;
}

function parseHeader(text: string, path: string): Omit<NpyHeader, 'offset'> {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const tuple = /'shape'\s*:\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (fortran === undefined || tuple === undefined) throw new DecodeError(path, 'unreadable .npy header');
  if (fortran === 'True') throw new DecodeError(path, 'Fortran order found; save numpy.ascontiguousarray(x)');
  const { type, swapped } = parseType(descr ?? 'structured', path);
  const bytesPerElement = types[type].array.BYTES_PER_ELEMENT;
  return { type, shape: shapeOf(tuple, bytesPerElement, path), bytesPerElement, swapped: swapped && bytesPerElement > 1 };
}

/** @param descr NumPy's type string, such as `<f4` */
function parseType(descr: string, path: string): { type: NpyType; swapped: boolean } {
  if (descr.includes('O'))
    throw new DecodeError(path, 'pickled Python objects found, which are never loaded; save a numeric array');
  const type = (Object.keys(types) as NpyType[]).find((name) => types[name].code === descr.slice(1));
  if (type === undefined || !/^[<>|=]/.test(descr)) {
    const known = Object.keys(types).join(', ');
    throw new DecodeError(path, `type ${descr} found, one of ${known} expected; convert with x.astype(...)`);
  }
  return { type, swapped: hostIsLittle ? descr.startsWith('>') : descr.startsWith('<') };
}

function shapeOf(tuple: string, bytesPerElement: number, path: string): readonly number[] {
  const shape = tuple
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  const bytes = elementCount(shape) * bytesPerElement;
  if (!shape.every(Number.isSafeInteger) || !Number.isSafeInteger(bytes)) {
    throw new DecodeError(path, `impossible shape (${shape.join(', ')})`);
  }
  return shape;
}

function reverseElements(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}

const truncated = (path: string): DecodeError => new DecodeError(path, 'truncated: it ends within the .npy header');
