/** Batches of pixels that are needed again. They are kept in memory up to a limit, then in a temporary file that no crash leaves behind. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const defaultLimitBytes = 512 * 2 ** 20;

interface Place {
  readonly position: number;
  readonly length: number;
}

export class BatchCache {
  readonly #limitBytes: number;
  readonly #kept = new Map<number, Float32Array | Place>();
  #keptBytes = 0;
  #file: number | undefined;
  #fileBytes = 0;

  constructor(limitBytes = defaultLimitBytes) {
    this.#limitBytes = limitBytes;
  }

  get(key: number): Float32Array | undefined {
    const found = this.#kept.get(key);
    return found === undefined || found instanceof Float32Array ? found : this.#read(found);
  }

  /** @param values are kept without copying; the caller must not change them */
  set(key: number, values: Float32Array): void {
    if (this.#keptBytes + values.byteLength <= this.#limitBytes) {
      this.#keptBytes += values.byteLength;
      this.#kept.set(key, values);
    } else this.#kept.set(key, this.#write(values));
  }

  dispose(): void {
    this.#kept.clear();
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #write(values: Float32Array): Place {
    this.#file ??= openUnnamed();
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const position = this.#fileBytes;
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done, bytes.length - done, position + done);
    this.#fileBytes += bytes.length;
    return { position, length: values.length };
  }

  #read({ position, length }: Place): Float32Array {
    const values = new Float32Array(length);
    const bytes = new Uint8Array(values.buffer);
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.#file!, bytes, done, bytes.length - done, position + done);
      if (count === 0) throw new Error('a temporary file of perturbed images ended early');
      done += count;
    }
    return values;
  }
}

/** A file without a name: the operating system frees it when the process ends, however it ends. */
function openUnnamed(): number {
  const folder = mkdtempSync(join(tmpdir(), 'ncsweep-batches-'));
  const file = openSync(join(folder, 'batches'), 'w+');
  rmSync(folder, { recursive: true });
  return file;
}
