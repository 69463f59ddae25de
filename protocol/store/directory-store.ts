/**
 * The store in a directory. A value is written to a temporary file beside the objects, synced, then linked (`putIfAbsent`: link(2)
 * creates the name for exactly one caller, also across processes) or renamed (`put`) to its place; then the folder is synced. So a kill
 * or a power cut leaves whole objects and, at worst, temporary files, which no key names and which `sweepTemporaries` removes.
 */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { assertKey, assertPrefix } from './key-syntax.ts';
import { type ObjectInfo, type ObjectStore, StoreUnavailableError } from './object-store.ts';

const temporaryFolder = 'tmp';
/** How often a write is tried while other processes prune its folder. */
const mostTries = 100;

/** What a user can do about an error of the file system. */
const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space there, or choose another store with --store',
  EDQUOT: 'your disk quota is spent: free space there, or choose another store with --store',
  EACCES: 'access is denied: make it writable for you, or choose another store with --store',
  EPERM: 'the operation is not permitted: make it writable for you, or choose another store with --store',
  EROFS: 'the file system is read-only: remount it writable, or choose another store with --store',
  EIO: 'the disk reports an input/output error: check the disk, or choose another store with --store',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ENOTDIR: 'a file stands where a folder is needed: choose another store with --store',
};

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

export class DirectoryStore implements ObjectStore {
  readonly location: string;
  /** The location made absolute, where the making and pruning of folders ends. */
  readonly #root: string;
  /** Folders known to exist and to be synced. */
  readonly #folders = new Set<string>();

  /** @param location the directory; it is created by the first write */
  constructor(location: string) {
    this.location = location;
    this.#root = resolve(location);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    assertKey(key);
    return this.#guard('reading', key, () => absentAsUndefined(readFile(join(this.#root, key))));
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    assertKey(key);
    const found = await this.#guard('reading', key, () => absentAsUndefined(stat(join(this.#root, key))));
    return found?.isFile() ? { key, sizeBytes: found.size, modifiedMs: found.mtimeMs } : undefined;
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    assertKey(key);
    await this.#guard('writing', key, () => this.#place(key, value, rename));
  }

  async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    assertKey(key);
    if (await this.head(key)) return false;
    return this.#guard('writing', key, async () => {
      try {
        await this.#place(key, value, link);
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
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
        if (!dryRun) await absentAsUndefined(unlink(join(folder, name)));
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

  /** Writes a synced temporary file, moves it to its place, and syncs the entries that are new: its own and those of its folders. */
  async #place(key: string, value: Uint8Array, move: (from: string, to: string) => Promise<void>): Promise<void> {
    const temporary = join(this.#root, temporaryFolder, `${process.pid}-${randomUUID()}`);
    const target = join(this.#root, key);
    await this.#inFolder(dirname(temporary), () => writeSynced(temporary, value));
    try {
      const made = await this.#inFolder(dirname(target), () => move(temporary, target));
      // All at once: a journal then writes them together. The caller goes on when the last of them is on the disk.
      await Promise.all([dirname(target), ...made.map(dirname)].map((folder) => absentAsUndefined(syncFolder(folder))));
      for (const folder of made) this.#folders.add(folder);
      if (move === link) await unlink(temporary);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Does something that needs a folder. Another process may prune the folder, or one of its parents, between its making and its use:
   * then the action says ENOENT, what is known about folders is forgotten, and both are tried again.
   * @returns folders on the way whose entries are not known to be synced
   */
  async #inFolder(folder: string, action: () => Promise<void>): Promise<readonly string[]> {
    for (let tries = 1; ; tries++) {
      try {
        const made = await this.#makeFolder(folder);
        await action();
        return made;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || tries === mostTries) throw error;
        this.#folders.clear();
      }
    }
  }

  /** Makes a folder and its parents. @returns those of them that this store has not synced yet, the root's side first */
  async #makeFolder(folder: string): Promise<readonly string[]> {
    if (this.#folders.has(folder)) return [];
    const isRoot = folder === this.#root;
    const parents = isRoot ? [] : await this.#makeFolder(dirname(folder));
    await mkdir(folder, { recursive: isRoot }).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    return [...parents, folder];
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
      const remedy = remedies[codeOf(error)];
      if (remedy === undefined) throw error;
      throw new StoreUnavailableError(`store ${this.location}: ${doing} ${key}: ${remedy} (${codeOf(error)})`, { cause: error });
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

async function writeSynced(path: string, value: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(value);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
