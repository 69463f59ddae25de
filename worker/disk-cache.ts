/**
 * What a worker keeps on its disk for reuse: datasets and inputs by digest, up to a size limit. The least recently used entries go first;
 * those in use stay. The cache begins empty and ends with its worker, so that nothing in it is older than the worker.
 *
 * An entry is absent → in use (use) → idle (release) → in use again, or absent (evicted, forgotten).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

interface Entry {
  readonly path: string;
  readonly sizeBytes: number;
  /** Settles when the entry has been made. */
  readonly made: Promise<void>;
}

export class DiskCache {
  readonly #folder: string;
  readonly #limitBytes: number;
  readonly #mayExceed: boolean;
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #inUse = new Set<string>();
  /** Gives an entry a new path when it is made again while its old one is still being removed. */
  #next = 1;

  private constructor(folder: string, limitBytes: number, mayExceed: boolean) {
    this.#folder = folder;
    this.#limitBytes = limitBytes;
    this.#mayExceed = mayExceed;
  }

  /** @param parent folder in which the cache creates its own @param mayExceed whether what is in use may take more than the limit */
  static async open(parent: string, limitBytes: number, { mayExceed = false } = {}): Promise<DiskCache> {
    await mkdir(parent, { recursive: true });
    return new DiskCache(await mkdtemp(path.join(parent, 'cache-')), limitBytes, mayExceed);
  }

  get limitBytes(): number {
    return this.#limitBytes;
  }

  /** Total of all entries, including those still being made. */
  get sizeBytes(): number {
    return [...this.#entries.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  /**
   * @param sizeBytes that the entry takes on disk
   * @param make writes the entry to a path that does not exist yet; called when it is not in the cache
   * @returns the entry's path, valid until `release`; undefined when there is no room beside what is in use
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

  /**
   * Like `use`, for an entry whose size is known only once it is made.
   * @param make writes the entry to a path that does not exist yet @returns its size on disk
   * @returns undefined when it found no room and was removed
   */
  async useMade(digest: string, make: (path: string) => Promise<number>): Promise<string | undefined> {
    if (this.#entries.has(digest)) return this.use(digest, 0, () => Promise.resolve());
    const at = this.#newPath(digest);
    const sizeBytes = await make(at).catch(async (error: unknown) => {
      await rm(at, { recursive: true, force: true });
      throw error;
    });
    const evicted = this.#evicted(sizeBytes);
    if (evicted === undefined) {
      await rm(at, { recursive: true, force: true });
      return undefined;
    }
    await Promise.all(evicted.map((each) => this.forget(each)));
    this.#entries.set(digest, { path: at, sizeBytes, made: Promise.resolve() });
    this.#inUse.add(digest);
    return at;
  }

  /** Marks one entry as no longer in use. */
  idle(digest: string): void {
    this.#inUse.delete(digest);
  }

  /** Marks all entries as no longer in use. */
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

  #newPath(digest: string): string {
    return path.join(this.#folder, `${digest}-${this.#next++}`);
  }

  /** undefined when there is no room. */
  #add(digest: string, sizeBytes: number, make: (path: string) => Promise<void>): Entry | undefined {
    const evicted = this.#evicted(sizeBytes);
    if (evicted === undefined) return undefined;
    const at = this.#newPath(digest);
    const removed = Promise.all(evicted.map((each) => this.forget(each)));
    const made = removed
      .then(() => make(at))
      .catch(async (error: unknown) => {
        await this.forget(digest);
        throw error;
      });
    return { path: at, sizeBytes, made };
  }

  /** What must go to make room for this size, least recently used first; undefined when removing all idle entries would not be enough. */
  #evicted(sizeBytes: number): string[] | undefined {
    const evicted: string[] = [];
    let left = this.sizeBytes;
    for (const [digest, entry] of this.#entries) {
      if (left + sizeBytes <= this.#limitBytes) break;
      if (this.#inUse.has(digest)) continue;
      left -= entry.sizeBytes;
      evicted.push(digest);
    }
    return left + sizeBytes <= this.#limitBytes || this.#mayExceed ? evicted : undefined;
  }
}
