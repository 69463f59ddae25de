/**
 * SIMD arithmetic on float64 rows, several times faster than plain JavaScript. It consists of two WebAssembly loops, assembled from their
 * opcodes here. Products combine two rows with four, so that six loads feed eight products of two numbers each.
 */
import type { Features } from './features.ts';

/** Most numbers per row: four rows and the two multiplied with them stay in the CPU's nearest cache. */
export const rowLength = 256;
/** Rows on the left and on the right of a multiplication. */
export const [leftRows, rightRows] = [64, 4];
const [together, lanes, unrolled] = [2, 2, 2];
const numberBytes = Float64Array.BYTES_PER_ELEMENT;
const [pairBytes, rowBytes] = [lanes * numberBytes, rowLength * numberBytes];
const [rightAt, baseAt, outAt] = [leftRows, leftRows + rightRows, leftRows + rightRows + 1].map((rows) => rows * rowBytes) as [
  number,
  number,
  number,
];
const pages = Math.ceil((outAt + rowBytes) / 65_536);

const loop = [0x03, 0x40];
const branchIf = [0x0d, 0];
const end = [0x0b];
const addressLess = [0x49];
const addressAdd = [0x6a];
const add = [0xa0];
const addPair = [0xfd, 0xf0, 0x01];
const subtractPair = [0xfd, 0xf1, 0x01];
const multiplyPair = [0xfd, 0xf2, 0x01];
type Code = readonly number[];

/** LEB128. */
const unsigned = (value: number): Code => (value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]);
const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
/** Below 64. */
const address = (value: number): Code => [0x41, value];
const loadPair = (offset: number): Code => [0xfd, 0x00, 3, ...unsigned(offset)];
const storePair = (offset: number): Code => [0xfd, 0x0b, 3, ...unsigned(offset)];
const store = (offset: number): Code => [0x39, 3, ...unsigned(offset)];
const times = (count: number, make: (index: number) => Code): Code => Array.from({ length: count }, (_, i) => make(i)).flat();
const join = (...parts: readonly Code[]): Code => parts.flat();
const sumOfLanes = (local: number): Code => join(get(local), [0xfd, 0x21, 0], get(local), [0xfd, 0x21, 1], add);

/** Repeats `step`, advancing locals 0 and 1 by `bytes`, until local 0 reaches local 2. */
const alongRows = (bytes: number, step: Code): Code =>
  join(
    ...[loop, step],
    ...[0, 1].map((local) => join(get(local), address(bytes), addressAdd, set(local))),
    ...[get(0), get(2), addressLess, branchIf, end],
  );

/** (left, right, end of the left row, out): rows left, left+1 times rows right..right+3 → out [2, 4]. */
function productsCode(): Code {
  const [row, other] = [4, 4 + together];
  const sum = (i: number, j: number): number => other + 1 + i * rightRows + j;
  const step = join(
    times(together, (i) => join(get(0), loadPair(i * rowBytes), set(row + i))),
    times(rightRows, (j) =>
      join(
        ...[get(1), loadPair(j * rowBytes), set(other)],
        times(together, (i) => join(get(sum(i, j)), get(row + i), get(other), multiplyPair, addPair, set(sum(i, j)))),
      ),
    ),
  );
  const results = times(together * rightRows, (k) => join(get(3), sumOfLanes(sum(0, k)), store(k * numberBytes)));
  return join(alongRows(pairBytes, step), results, end);
}

/** (row, base, end of the row): row −= base; the sum of its squares. */
function subtractCode(): Code {
  const [pair, sum] = [3, 4];
  const step = times(unrolled, (u) =>
    join(
      ...[get(0), loadPair(u * pairBytes), get(1), loadPair(u * pairBytes), subtractPair, set(pair)],
      ...[get(0), get(pair), storePair(u * pairBytes)],
      ...[get(sum + u), get(pair), get(pair), multiplyPair, addPair, set(sum + u)],
    ),
  );
  return join(alongRows(unrolled * pairBytes, step), get(sum), get(sum + 1), addPair, set(sum), sumOfLanes(sum), end);
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const section = (id: number, ...entries: readonly Code[]): Code => [id, ...sized([entries.length, ...entries.flat()])];
const named = (name: string, kind: number, index: number): Code => [...sized([...new TextEncoder().encode(name)]), kind, index];
const [int32, float64, vector] = [0x7f, 0x7c, 0x7b];
const functionType = (parameters: Code, results: Code): Code => [0x60, ...sized(parameters), ...sized(results)];
const withVectors = (count: number, code: Code): Code => sized([1, count, vector, ...code]);
const program = Uint8Array.from(
  join(
    [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, functionType([int32, int32, int32, int32], []), functionType([int32, int32, int32], [float64])),
    section(3, [0], [1]),
    section(5, [0, ...unsigned(pages)]),
    section(7, named('memory', 2, 0), named('products', 0, 0), named('subtract', 0, 1)),
    section(10, withVectors(together + 1 + together * rightRows, productsCode()), withVectors(1 + unrolled, subtractCode())),
  ),
);

/** The part of WebAssembly used here; TypeScript declares it only together with all browser types. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (program: object) => { readonly exports: object };
};
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly products: (left: number, right: number, end: number, out: number) => void;
  readonly subtract: (row: number, base: number, end: number) => number;
}
const { memory, products, subtract } = new WebAssembly.Instance(new WebAssembly.Module(program)).exports as Exports;
const rowsAt = (at: number, count: number): Float64Array => new Float64Array(memory.buffer, at, count * rowLength);

/** Rows for the operands; they are shared, so each use fills them again. */
export const operands = { left: rowsAt(0, leftRows), right: rowsAt(rightAt, rightRows), base: rowsAt(baseAt, 1) } as const;
const results = new Float64Array(memory.buffer, outAt, together * rightRows);

/** Loops process four numbers at a time. */
const padded = (length: number): number => length + (-length & 3);

/** @param values at most rowLength; zeros follow */
export function putRow(rows: Float64Array, index: number, values: Features): void {
  const at = index * rowLength;
  rows.set(values, at);
  if (values.length % 4 !== 0) rows.fill(0, at + values.length, at + padded(values.length));
}

/** Subtracts the base from a row on the left. @returns the sum of squares of the result */
export const subtractBase = (index: number, length: number): number =>
  subtract(index * rowBytes, baseAt, index * rowBytes + padded(length) * numberBytes);

/** Products of the rows `first` and `first + 1` on the left with all rows on the right. @returns [2, rightRows], until the next call */
export function multiplyRows(first: number, length: number): Float64Array {
  products(first * rowBytes, rightAt, first * rowBytes + padded(length) * numberBytes, outAt);
  return results;
}
