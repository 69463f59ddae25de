/** An .npy file that is written batch by batch and then read by rows. It may be larger than memory. */
import { closeSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { elementCount, encodeNpyHeader } from '@ncsweep/protocol/npy';

const arrays = { float32: Float32Array, int32: Int32Array } as const;
interface Arrays {
  readonly float32: Float32Array;
  readonly int32: Int32Array;
}

export class NpyFile<T extends keyof Arrays> {
  readonly #path: string;
  readonly #type: T;
  readonly #rows: number;
  readonly #rowElements: number;
  readonly #file: number;
  readonly #dataAt: number;
  #end: number;

  /** Creates the file, replacing any earlier one, and its folder. @param shape of the whole array; its first axis is the rows */
  constructor(path: string, type: T, shape: readonly number[]) {
    this.#path = path;
    this.#type = type;
    [this.#rows, this.#rowElements] = [shape[0] ?? 1, elementCount(shape.slice(1))];
    mkdirSync(dirname(path), { recursive: true });
    this.#file = openSync(path, 'w+');
    const header = encodeNpyHeader(type, shape);
    this.#end = 0;
    this.#write(header);
    this.#dataAt = header.length;
  }

  /** @param values rows to add after those already written */
  append(values: Arrays[T]): void {
    this.#write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** @throws RangeError unless all rows were written */
  finish(): void {
    const { BYTES_PER_ELEMENT: elementBytes } = arrays[this.#type];
    const written = (this.#end - this.#dataAt) / elementBytes / this.#rowElements;
    if (written !== this.#rows) throw new RangeError(`${this.#path}: ${written} rows written, ${this.#rows} expected`);
  }

  /** Rows from..to−1. */
  read(from: number, to: number): Arrays[T] {
    const values = new arrays[this.#type]((to - from) * this.#rowElements) as Arrays[T];
    const bytes = new Uint8Array(values.buffer);
    const position = this.#dataAt + from * this.#rowElements * values.BYTES_PER_ELEMENT;
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.#file, bytes, done, bytes.length - done, position + done);
      if (count === 0) throw new RangeError(`${this.#path}: it became shorter while it was read`);
      done += count;
    }
    return values;
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const count = writeSync(this.#file, bytes, done, bytes.length - done, this.#end);
      done += count;
      this.#end += count;
    }
  }
}
