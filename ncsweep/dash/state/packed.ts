/**
 * A sweep as one block of bytes, which a page reads without copying: a header as JSON, then columns of numbers.
 *
 *   u32 length of the header, the header, zeros up to a multiple of 4,
 *   u32 × cells: row · f32 × cells for each headline · u16 × cells: column, zeros up to a multiple of 4 · u8 × cells: state
 *
 * Numbers are little-endian, as typed arrays are on every machine that runs a browser.
 */
import { headlines, type Headline, type SweepHead } from './wire.ts';

export interface SweepColumns {
  readonly rowOf: Uint32Array;
  readonly columnOf: Uint16Array;
  readonly states: Uint8Array;
  readonly values: Readonly<Record<Headline, Float32Array>>;
}

const padded = (length: number): number => (length + 3) & ~3;

export function packSweep(head: SweepHead, { rowOf, columnOf, states, values }: SweepColumns): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify(head));
  const size = states.length;
  const numbers = 4 + padded(header.length);
  const bytes = new Uint8Array(numbers + 4 * size * (1 + headlines.length) + padded(2 * size) + size);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  let at = numbers;
  const put = (column: Uint32Array | Float32Array | Uint16Array | Uint8Array): void => {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += padded(column.byteLength);
  };
  put(rowOf);
  for (const name of headlines) put(values[name]);
  put(columnOf);
  put(states);
  return bytes;
}

/** @throws RangeError when the block is shorter than its header says; SyntaxError when the header is no JSON */
export function unpackSweep(buffer: ArrayBuffer): SweepColumns & { readonly head: SweepHead } {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as SweepHead;
  const { cells } = head;
  let at = 4 + padded(length);
  const next = (bytes: number): number => {
    const here = at;
    at += padded(bytes);
    return here;
  };
  const rowOf = new Uint32Array(buffer, next(4 * cells), cells);
  const values = Object.fromEntries(headlines.map((name) => [name, new Float32Array(buffer, next(4 * cells), cells)]));
  const columnOf = new Uint16Array(buffer, next(2 * cells), cells);
  const states = new Uint8Array(buffer, next(cells), cells);
  return { head, rowOf, columnOf, states, values: values as Record<Headline, Float32Array> };
}
