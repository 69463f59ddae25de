/**
 * Arrays in .npy files and .npz archives that the user names: opened by their header and read in rows, so that no file needs to fit into
 * memory. Only arrays that numpy.savez_compressed has written are unpacked as a whole.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DecodeError, InvalidInputError } from '@ncsweep/protocol/errors';
import {
  checkNpyLength,
  decodeNpyData,
  decodeNpyHeader,
  elementCount,
  maxHeaderBytes,
  type NpyData,
  type NpyHeader,
} from '@ncsweep/protocol/npy';
import { readFrom, unpackEntry, zipEntries, type ReadAt, type ZipEntry } from '@ncsweep/protocol/zip-directory';

export interface NpyFile {
  /** The path with the option it was given by, for errors. */
  readonly title: string;
  readonly header: NpyHeader;
  /** Reads the array's own bytes, wherever they are. */
  readonly readAt: ReadAt;
}

/** Opens a file, calls `use` with its reader, and closes it. */
function withFile<T>(path: string, title: string, use: (readAt: ReadAt, sizeBytes: number) => T): T {
  const fd = openFile(path, title);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new InvalidInputError(`${title}: not a file; name an .npy or .npz file`);
    return use((position, length) => {
      const bytes = new Uint8Array(length);
      readFully(fd, bytes, position, title);
      return bytes;
    }, stat.size);
  } finally {
    closeSync(fd);
  }
}

/** A path, optionally followed by a colon and the name of an array in the archive. */
const archive = /^(.*\.npz)(?::([^/]+))?$/i;

/**
 * @param path of an .npy file, or FILE.npz for the array named like the option, or FILE.npz:NAME
 * @param option that named the file, for errors
 * @throws InvalidInputError
 */
export function openNpy(path: string, option: string): NpyFile {
  const [, file, name] = archive.exec(path) ?? [];
  const title = `${path} (--${option})`;
  try {
    return file === undefined ? openPlain(path, title) : openPacked(file, name, option, title);
  } catch (error) {
    if (error instanceof DecodeError) throw new InvalidInputError(error.message, { cause: error });
    throw error;
  }
}

function openPlain(path: string, title: string): NpyFile {
  const header = withFile(path, title, (readAt, sizeBytes) => headerOf(readAt, sizeBytes, title));
  return { title, header, readAt: (position, length) => withFile(path, title, (readAt) => readAt(position, length)) };
}

function openPacked(path: string, name: string | undefined, option: string, title: string): NpyFile {
  return withFile(path, title, (readAt, archiveBytes) => {
    const entry = chosen(zipEntries(readAt, archiveBytes, title), name, option, title);
    const { start, sizeBytes } = entry;
    if (entry.isDeflated) {
      const read = readFrom(unpackEntry(readAt, entry, title));
      return { title, header: headerOf(read, sizeBytes, title), readAt: read };
    }
    const header = headerOf((position, length) => readAt(start + position, length), sizeBytes, title);
    return { title, header, readAt: (position, length) => withFile(path, title, (read) => read(start + position, length)) };
  });
}

/** An archive of one array needs no names. */
function chosen(entries: readonly ZipEntry[], name: string | undefined, option: string, title: string): ZipEntry {
  const names = name === undefined ? [option, option.replaceAll('-', '_')] : [name];
  const found =
    entries.find((entry) => names.includes(entry.name.replace(/\.npy$/, ''))) ??
    (name === undefined && entries.length === 1 ? entries[0] : undefined);
  if (found !== undefined) return found;
  const there = entries.map((entry) => entry.name.replace(/\.npy$/, '')).join(', ');
  throw new InvalidInputError(
    `${title}: the arrays ${there || '(none)'} found, ${names.at(-1)} expected; name one as FILE.npz:NAME`,
  );
}

function headerOf(readAt: ReadAt, sizeBytes: number, title: string): NpyHeader {
  const header = decodeNpyHeader(readAt(0, Math.min(sizeBytes, maxHeaderBytes + 12)), title);
  checkNpyLength(header, sizeBytes, title);
  return header;
}

/** Rows from..to−1 along the first axis. @throws InvalidInputError when the file cannot be read (any longer) */
export function readRows({ header, readAt }: NpyFile, from: number, to: number): NpyData {
  const rowBytes = elementCount(header.shape.slice(1)) * header.bytesPerElement;
  return decodeNpyData(header, readAt(header.offset + from * rowBytes, (to - from) * rowBytes));
}

export const readAll = (file: NpyFile): NpyData => readRows(file, 0, file.header.shape[0] ?? 1);

function openFile(path: string, title: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'no such file; check the path' : `cannot be opened: ${(error as Error).message}`;
    throw new InvalidInputError(`${title}: ${reason}`, { cause: error });
  }
}

function readFully(fd: number, into: Uint8Array, position: number, title: string): void {
  let done = 0;
  while (done < into.length) {
    const read = readSync(fd, into, done, into.length - done, position + done);
    if (read === 0) throw new InvalidInputError(`${title}: it became shorter while it was read; write it again`);
    done += read;
  }
}
