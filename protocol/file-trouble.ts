/** Explains in words, with a remedy, why a file system did not do what it was asked. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Cause and remedy by error code; "…" stands for another place, which the caller names. */
const troubles: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space there, or choose …',
  EDQUOT: 'your disk quota is spent: free space there, or choose …',
  EACCES: 'access is denied: make it writable for you, or choose …',
  EPERM: 'the operation is not permitted: make it writable for you, or choose …',
  EROFS: 'the file system is read-only: remount it writable, or choose …',
  EIO: 'the disk reports an input/output error: check the disk, or choose …',
  ESTALE: 'the network file system lost the folder: mount it again, or choose …',
  ENAMETOOLONG: 'the name is too long for the file system: choose …',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ENOTDIR: 'there is a file where a folder is needed: choose …',
  EEXIST: 'there is a file where a folder is needed: choose …',
  EISDIR: 'there is a folder where a file is needed: choose …',
};

export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/**
 * @param elsewhere what the user may choose instead, such as "another store with --store"
 * @returns undefined for an error that does not come from a file system
 */
export function fileTrouble(error: unknown, elsewhere: string): string | undefined {
  const code = codeOf(error);
  const trouble = troubles[code];
  return trouble && `${trouble.replace('…', elsewhere)} (${code})`;
}

/** Makes a folder and its parents. Unlike `mkdir` with `recursive`, it throws the file system's own error, not that a parent is missing. */
export function makeFolders(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && dirname(folder) !== folder) {
      makeFolders(dirname(folder));
      makeFolders(folder);
    } else if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
