/**
 * The store in a directory. A value is written to a temporary file beside the objects, synced, then linked (`putIfAbsent`: link(2)
 * creates the name for exactly one caller, also across processes; where there are no links, reservation.ts does) or renamed (`put`) to its place;
 * then the folder is synced. So a kill or a power cut leaves whole objects and, at worst, temporary files, which no key names and which
 * `sweepTemporaries` removes.
 *
 * Operations that wait for the disk, above all syncing, run off the event loop. Those that the kernel does in memory run synchronously,
 * because handing them to another thread costs many times the work itself.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fsync, linkSync, mkdirSync, openSync, renameSync, statSync, unlinkSync, write, writeFileSync } from 'node:fs';
import { readdir, readFile, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { sha256 } from '../canonical.ts';
import { codeOf, fileTrouble, makeFolders } from '../file-trouble.ts';
import { hasNoLinks, moveByReservation } from './reservation.ts';
import { assertKey, assertPrefix } from './key-syntax.ts';
import { type ObjectInfo, type ObjectStore, StoreUnavailableError } from './object-store.ts';

const temporaryFolder = 'tmp';
/** How often a write is tried when other processes prune its folder. */
const mostTries = 100;

/** Another caller created the key. */
class StandsAlreadyError extends Error {}

export class DirectoryStore implements ObjectStore {
  readonly location: string;
  /** The absolute location; folders are not created or pruned above it. */
  readonly #root: string;
  /** Folders known to exist. Each promise resolves when the entries of the folder and its parents are synced. */
  readonly #folders = new Map<string, Promise<void>>();
  #hasLinks: boolean;

  /**
   * @param location the directory; it is created by the first write
   * @param hasLinks whether to try hard links, until the file system reports that it has none
   */
  constructor(location: string, hasLinks = true) {
    this.location = location;
    this.#hasLinks = hasLinks;
    this.#root = resolve(location);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertKey(key);
    const file = join(this.#root, key);
    return this.#guard('reading', key, async () => (this.#isAbsent(file) ? undefined : absentAsUndefined(readFile(file))));
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertKey(key);
    const found = await this.#guard('reading', key, () => absentAsUndefined(stat(join(this.#root, key))));
    return found?.isFile() ? { key, sizeBytes: found.size, modifiedMs: found.mtimeMs } : undefined;
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    assertKey(key);
    await this.#guard('writing', key, () => this.#place(key, value, renameSync));
  }

  async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    assertKey(key);
    if (await this.head(key)) return false;
    return this.#guard('writing', key, async () => {
      try {
        await this.#place(key, value, (from, to) => this.#create(key, from, to));
        return true;
      } catch (error) {
        if (error instanceof StandsAlreadyError) return false;
        throw error;
      }
    });
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    await this.#guard('deleting', key, async () => {
      await absentAsUndefined(unlink(join(this.#root, key)));
      await this.#pruneFolders(dirname(join(this.#root, key)));
    });
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    assertPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    yield* this.#walk(folder, prefix);
  }

  async sweepTemporaries(minAgeMs: number, nowMs: number, dryRun: boolean): Promise<readonly ObjectInfo[]> {
    const folder = join(this.#root, temporaryFolder);
    return this.#guard('sweeping', temporaryFolder, async () => {
      const swept: ObjectInfo[] = [];
      for (const name of (await absentAsUndefined(readdir(folder))) ?? []) {
        const found = await absentAsUndefined(stat(join(folder, name)));
        if (!found || nowMs - found.mtimeMs < minAgeMs) continue;
        if (!dryRun) await rm(join(folder, name), { recursive: true, force: true });
        swept.push({ key: `${temporaryFolder}/${name}`, sizeBytes: found.size, modifiedMs: found.mtimeMs });
      }
      return swept;
    });
  }

  async *#walk(folder: string, prefix: string): AsyncIterable<ObjectInfo> {
    const entries = await this.#guard('listing', folder, () =>
      absentAsUndefined(readdir(join(this.#root, folder), { withFileTypes: true })),
    );
    const names = (entries ?? []).map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''));
    for (const name of names.sort((a, b) => (a < b ? -1 : 1))) {
      if (!name.startsWith(prefix) && !prefix.startsWith(name)) continue;
      if (name.endsWith('/')) {
        yield* this.#walk(name, prefix);
      } else {
        const found = await this.head(name);
        if (found) yield found;
      }
    }
  }

  /** Most keys that are read are absent: before a sweep runs, all of its results. The file system knows them without reading the disk. */
  #isAbsent(file: string): boolean {
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) return false;
    // Nothing is below a store that is a file, but that is worth an error.
    return statSync(this.#root, { throwIfNoEntry: false })?.isDirectory() ?? true;
  }

  /** Moves a temporary file to a place that is still free. @throws StandsAlreadyError */
  #create(key: string, from: string, to: string): void {
    if (this.#hasLinks) {
      try {
        linkSync(from, to);
        unlinkSync(from);
        return;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') throw new StandsAlreadyError();
        if (!hasNoLinks(error)) throw error;
        this.#hasLinks = false;
      }
    }
    if (!moveByReservation(from, to, join(dirname(from), `${sha256(key)}.claim`))) throw new StandsAlreadyError();
  }

  /** Writes a synced temporary file, moves it to its place, and syncs the new entries: its own and those of its folders. */
  async #place(key: string, value: Uint8Array, move: (from: string, to: string) => void): Promise<void> {
    const temporary = join(this.#root, temporaryFolder, `${process.pid}-${randomUUID()}`);
    const folder = dirname(join(this.#root, key));
    // The folders' entries are synced alongside the file, so that a journal can write them together.
    this.#inFolder(folder, () => undefined);
    const { result: file } = this.#inFolder(dirname(temporary), () => openSync(temporary, 'wx'));
    try {
      await writeSynced(file, value);
      const { synced } = this.#inFolder(folder, () => move(temporary, join(this.#root, key)));
      await Promise.all([synced, absentAsUndefined(syncFolder(folder))]);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Does something that needs a folder. Another process may prune the folder, or one of its parents, between its creation and its use.
   * Then the action fails with ENOENT, the known folders are forgotten, and both steps are tried again.
   * @returns `synced` resolves when the entries of the folder and its parents are synced
   */
  #inFolder<T>(folder: string, action: () => T): { readonly result: T; readonly synced: Promise<void> } {
    for (let tries = 1; ; tries++) {
      try {
        const synced = this.#makeFolder(folder);
        return { result: action(), synced };
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || tries === mostTries) throw error;
        this.#folders.clear();
      }
    }
  }

  /** Makes a folder and its parents, and begins to sync their entries. */
  #makeFolder(folder: string): Promise<void> {
    const known = this.#folders.get(folder);
    if (known) return known;
    const isRoot = folder === this.#root;
    const parents = isRoot ? undefined : this.#makeFolder(dirname(folder));
    try {
      if (isRoot) makeFolders(folder);
      else mkdirSync(folder);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const synced = Promise.all([parents, absentAsUndefined(syncFolder(dirname(folder)))]).then(() => undefined);
    synced.catch(() => this.#folders.delete(folder)); // rethrown where something in the folder waits for it
    this.#folders.set(folder, synced);
    return synced;
  }

  /** Removes folders that became empty, up to the store's first level. */
  async #pruneFolders(folder: string): Promise<void> {
    if (dirname(folder) === this.#root) return;
    try {
      await rmdir(folder);
    } catch {
      return;
    }
    this.#folders.delete(folder);
    await this.#pruneFolders(dirname(folder));
  }

  async #guard<T>(doing: string, key: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const trouble = fileTrouble(error, 'another store with --store');
      if (trouble === undefined) throw error;
      throw new StoreUnavailableError(`store ${this.location}: ${doing} ${key}: ${trouble}`, { cause: error });
    }
  }
}

async function absentAsUndefined<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EISDIR') return undefined;
    throw error;
  }
}

const [writeAsync, fsyncAsync] = [promisify(write), promisify(fsync)];
/** A value up to this size is written synchronously. */
const smallBytes = 1 << 16;

async function writeSynced(file: number, value: Uint8Array): Promise<void> {
  try {
    if (value.length <= smallBytes) writeFileSync(file, value);
    else for (let at = 0; at < value.length;) at += (await writeAsync(file, value, at)).bytesWritten;
    await fsyncAsync(file);
  } finally {
    closeSync(file);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = openSync(folder, 'r');
  try {
    await fsyncAsync(handle);
  } finally {
    closeSync(handle);
  }
}
