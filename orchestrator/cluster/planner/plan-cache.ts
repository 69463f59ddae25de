/**
 * Answers of the planner in a folder, by the digest of the request, so that a restart plans nothing again. It is only a copy: an
 * answer that is damaged or gone is made again. The oldest are removed when they take up too much space.
 */
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256 } from '@ncsweep/protocol/canonical';

const mostBytes = 512 * 2 ** 20;
const digestLength = 64;

export class PlanCache {
  readonly #folder: string;
  #writes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns undefined if there is none, or it is not what was written */
  async read(key: string): Promise<Uint8Array | undefined> {
    const file = path.join(this.#folder, key);
    try {
      const bytes = await readFile(file);
      const content = bytes.subarray(digestLength);
      if (bytes.toString('latin1', 0, digestLength) !== sha256(content)) return undefined;
      await utimes(file, new Date(), new Date());
      return new Uint8Array(content);
    } catch {
      return undefined;
    }
  }

  /** Never throws: a full disk costs only time. */
  async write(key: string, content: Uint8Array): Promise<void> {
    const temporary = path.join(this.#folder, `tmp-${process.pid}-${(this.#writes += 1)}`);
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(temporary, Buffer.concat([Buffer.from(sha256(content), 'latin1'), content]));
      await rename(temporary, path.join(this.#folder, key));
      await this.#prune();
    } catch {
      await rm(temporary, { force: true }).catch(() => undefined);
    }
  }

  async #prune(): Promise<void> {
    const names = await readdir(this.#folder);
    const files = await Promise.all(
      names.map(async (name) => {
        const file = path.join(this.#folder, name);
        const found = await stat(file).catch(() => undefined);
        return { file, sizeBytes: found?.size ?? 0, usedMs: found?.mtimeMs ?? 0 };
      }),
    );
    let total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    for (const { file, sizeBytes } of files.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= mostBytes) return;
      await rm(file, { force: true });
      total -= sizeBytes;
    }
  }
}
