/** A dataset file on this machine, and the result of a search for such files. */
import { stat } from 'node:fs/promises';

export interface DatasetFile {
  /** Canonical name relative to the dataset's folder, `/`-separated, without `.gz`. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface FoundFiles {
  /** In canonical order. */
  readonly files: readonly DatasetFile[];
  /** What was left out and why, for people. */
  readonly skipped: readonly string[];
}

/** Undefined for anything but a file. */
export async function statFile(name: string, path: string): Promise<DatasetFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  return { name, path, sizeBytes: found.size, modifiedMs: found.mtimeMs };
}
