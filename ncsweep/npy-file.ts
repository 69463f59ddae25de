/** Arrays in .npy files that the user names: opened by their header, read in rows, so that no file needs to fit into memory. */
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

export interface NpyFile {
  readonly path: string;
  /** The path with the option it was given by, for errors. */
  readonly title: string;
  readonly header: NpyHeader;
}

/** @param option that named the file, for errors @throws InvalidInputError */
export function openNpy(path: string, option: string): NpyFile {
  const title = `${path} (--${option})`;
  const fd = openFile(path, title);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new InvalidInputError(`${title}: not a file; name an .npy file`);
    const start = new Uint8Array(Math.min(stat.size, maxHeaderBytes + 12));
    readFully(fd, start, 0, title);
    const header = decodeNpyHeader(start, title);
    checkNpyLength(header, stat.size, title);
    return { path, title, header };
  } catch (error) {
    if (error instanceof DecodeError) throw new InvalidInputError(error.message, { cause: error });
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Rows from..to−1 along the first axis. @throws InvalidInputError when the file cannot be read (any more) */
export function readRows({ path, title, header }: NpyFile, from: number, to: number): NpyData {
  const rowBytes = elementCount(header.shape.slice(1)) * header.bytesPerElement;
  const bytes = new Uint8Array((to - from) * rowBytes);
  const fd = openFile(path, title);
  try {
    readFully(fd, bytes, header.offset + from * rowBytes, title);
  } finally {
    closeSync(fd);
  }
  return decodeNpyData(header, bytes);
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
