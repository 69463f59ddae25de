/** Lists a zip archive by the central directory at its end (PKWARE's APPNOTE 6.3, with zip64, which numpy.savez writes). */
import { crc32, inflateRawSync } from 'node:zlib';
import { InvalidFilesError } from './errors.ts';

export interface ZipEntry {
  readonly name: string;
  readonly isDeflated: boolean;
  readonly crc: number;
  /** Where the entry's bytes begin in the archive, and how many there are. */
  readonly start: number;
  readonly storedBytes: number;
  readonly sizeBytes: number;
}

/** Reads part of the archive; returns fewer bytes only at its end. */
export type ReadAt = (position: number, length: number) => Uint8Array;

const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, central: 0x02014b50, local: 0x04034b50 };
const endBytes = 22;
const longestComment = 65_535;
const [none16, none32] = [0xffff, 0xffffffff];

const damaged = (place: string, found: string): InvalidFilesError =>
  new InvalidFilesError({
    place,
    found,
    expected: 'a complete zip archive',
    remedy: 'It is truncated or damaged: write or download it again',
  });

class Fields {
  readonly #view: DataView;
  readonly #place: string;

  constructor(bytes: Uint8Array, place: string, length: number, signature: number, what: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#place = place;
    if (bytes.length < length || this.u32(0) !== signature) throw damaged(place, `an archive without its ${what}`);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  u64(at: number): number {
    const value = this.#view.getBigUint64(at, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw damaged(this.#place, 'an archive of impossible size');
    return Number(value);
  }
}

/** Entry count, and size and position of the central directory. */
function directoryOf(readAt: ReadAt, size: number, place: string): { count: number; bytes: number; at: number } {
  const from = Math.max(0, size - endBytes - longestComment);
  const tail = Buffer.from(readAt(from, size - from));
  const at = tail.lastIndexOf(Buffer.from(Uint32Array.of(signatures.end).buffer));
  if (at < 0) throw damaged(place, 'an archive without its end');
  const end = new Fields(tail.subarray(at), place, endBytes, signatures.end, 'end');
  const found = { count: end.u16(10), bytes: end.u32(12), at: end.u32(16) };
  if (found.count !== none16 && found.bytes !== none32 && found.at !== none32) return found;
  const locator = new Fields(readAt(from + at - 20, 20), place, 20, signatures.locator64, 'zip64 locator');
  const end64 = new Fields(readAt(locator.u64(8), 56), place, 56, signatures.end64, 'zip64 end');
  return { count: end64.u64(32), bytes: end64.u64(40), at: end64.u64(48) };
}

/** Sizes and positions beyond 32 bits are in an extra field, in this order, each only where the header lacks it. */
function wide(values: readonly number[], extra: Uint8Array): number[] {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.length);
  for (let at = 0; at + 4 <= extra.length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    return values.map((value) => {
      if (value !== none32 || next + 8 > extra.length) return value;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    });
  }
  return [...values];
}

/** @param size of the archive, bytes @param place names it in errors @throws InvalidFilesError for anything but a complete archive */
export function zipEntries(readAt: ReadAt, size: number, place: string): readonly ZipEntry[] {
  const { count, bytes, at } = directoryOf(readAt, size, place);
  const directory = readAt(at, bytes);
  const entries: ZipEntry[] = [];
  let next = 0;
  for (let i = 0; i < count; i += 1) {
    const header = new Fields(directory.subarray(next), place, 46, signatures.central, 'directory');
    const [nameBytes, extraBytes, commentBytes] = [header.u16(28), header.u16(30), header.u16(32)];
    const nameAt = next + 46;
    const name = new TextDecoder().decode(directory.subarray(nameAt, nameAt + nameBytes));
    const extra = directory.subarray(nameAt + nameBytes, nameAt + nameBytes + extraBytes);
    const [sizeBytes = 0, storedBytes = 0, localAt = 0] = wide([header.u32(24), header.u32(20), header.u32(42)], extra);
    const method = header.u16(10);
    if ((header.u16(8) & 1) === 1 || (method !== 0 && method !== 8))
      throw damaged(place, `${name}, encrypted or compressed by method ${method}`);
    const local = new Fields(readAt(localAt, 30), place, 30, signatures.local, `entry ${name}`);
    const start = localAt + 30 + local.u16(26) + local.u16(28);
    if (start + storedBytes > size) throw damaged(place, `an archive that ends within ${name}`);
    entries.push({ name, isDeflated: method === 8, crc: header.u32(16), start, storedBytes, sizeBytes });
    next = nameAt + nameBytes + extraBytes + commentBytes;
  }
  return entries;
}

/** @throws InvalidFilesError when the bytes are not those that were packed */
export function unpackEntry(
  readAt: ReadAt,
  { name, isDeflated, crc, start, storedBytes, sizeBytes }: ZipEntry,
  place: string,
): Uint8Array {
  const stored = readAt(start, storedBytes);
  let bytes: Uint8Array;
  try {
    bytes = isDeflated ? inflateRawSync(stored, { maxOutputLength: Math.max(1, sizeBytes) }) : stored;
  } catch {
    throw damaged(place, `${name}, which does not unpack`);
  }
  if (bytes.length !== sizeBytes || crc32(bytes) !== crc)
    throw damaged(place, `${name}, whose contents do not match their checksum`);
  return bytes;
}

/** Reads from bytes in memory. */
export const readFrom =
  (bytes: Uint8Array): ReadAt =>
  (position, length) =>
    bytes.subarray(position, position + length);
