/**
 * What a worker keeps on its disk to have it again: datasets and inputs by their digest, under a limit. What was used longest ago goes
 * first; what is in use stays. It begins empty and ends with its worker, so that nothing in it is older than the worker.
 *
 * An entry is absent → in use (use) → idle (release) → in use again, or absent (evicted, forgotten).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

interface Entry {
  readonly path: string;
  readonly sizeBytes: number;
  /** Settles when it is there. */
  readonly made: Promise<void>;
}

export class DiskCache {
  readonly #folder: string;
  readonly #limitBytes: number;
  /** What was used longest ago comes first. */
  readonly #entries = new Map<string, Entry>();
  readonly #inUse = new Set<string>();
  /** An entry that is made again while its last one is still being removed has another path. */
  #next = 1;

  private constructor(folder: string, limitBytes: number) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
  }

  /** @param parent folder in which the cache makes its own */
  static async open(parent: string, limitBytes: number): Promise<DiskCache> {
    await mkdir(parent, { recursive: true });
    return new DiskCache(await mkdtemp(path.join(parent, 'cache-')), limitBytes);
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** Of all entries, also of those that are being made. */
  get sizeBytes(): number {
    return [...this.#entries.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /**
   * @param sizeBytes that it takes on the disk
   * @param make writes it at a path where nothing is yet; called when it is not there
   * @returns its path, good until `release`; undefined when there is no room beside what is in use
   */
  async use(digest: string, sizeBytes: number, make: (path: string) => Promise<void>): Promise<string | undefined> {
    const entry = this.#entries.get(digest) ?? this.#add(digest, sizeBytes, make);
    if (entry === undefined) return undefined;
    this.#entries.delete(digest);
    this.#entries.set(digest, entry);
    this.#inUse.add(digest);
    await entry.made;
    return entry.path;
  }

  /** Nothing is in use any more. */
  release(): void {
    this.#inUse.clear();
  }

  async forget(digest: string): Promise<void> {
    const entry = this.#entries.get(digest);
    this.#entries.delete(digest);
    this.#inUse.delete(digest);
    if (entry !== undefined) await rm(entry.path, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** undefined when there is no room. */
  #add(digest: string, sizeBytes: number, make: (path: string) => Promise<void>): Entry | undefined {
    const evicted = this.#evicted(sizeBytes);
    if (evicted === undefined) return undefined;
    const at = path.join(this.#folder, `${digest}-${this.#next++}`);
    const removed = Promise.all(evicted.map((each) => this.forget(each)));
    const made = removed
      .then(() => make(at))
      .catch(async (error: unknown) => {
        await this.forget(digest);
        throw error;
      });
    return { path: at, sizeBytes, made };
  }

  /** What must go for something of this size, the longest unused first; undefined when even all that is idle would not do. */
  #evicted(sizeBytes: number): string[] | undefined {
    const evicted: string[] = [];
    let left = this.sizeBytes;
    for (const [digest, entry] of this.#entries) {
      if (left + sizeBytes <= this.#limitBytes) break;
      if (this.#inUse.has(digest)) continue;
      left -= entry.sizeBytes;
      evicted.push(digest);
    }
    return left + sizeBytes <= this.#limitBytes ? evicted : undefined;
  }
}
