/** Where the text of a sweep comes from. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';

/** A sweep in YAML or JSON that is not in a file. */
export interface SweepText {
  readonly text: string;
  /** Name of the sweep in problems. Default: `sweep`. */
  readonly name?: string | undefined;
  /** Folder to which paths of datasets and weights are relative. Default: the working directory. */
  readonly folder?: string | undefined;
}

/** Path or URL of a sweep file, or its text. */
export type SweepSource = string | URL | SweepText;

export interface SweepBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly folder: string;
}

/** More than a sweep may have, so that the parser can report the excess. */
const mostBytes = (1 << 20) + 1;

/** @throws NotFoundError; InvalidInputError for what is not a readable file */
export async function readSource(source: SweepSource, signal?: AbortSignal): Promise<SweepBytes> {
  signal?.throwIfAborted();
  if (typeof source === 'object' && 'text' in source) {
    const { text, name = 'sweep', folder = process.cwd() } = source;
    return { bytes: new TextEncoder().encode(text), name, folder };
  }
  const file = typeof source === 'string' ? source : fileURLToPath(source);
  return { bytes: await firstBytes(file), name: file, folder: path.dirname(file) };
}

async function firstBytes(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, 'r');
    try {
      const buffer = Buffer.alloc(mostBytes);
      let length = 0;
      // In pieces and without a position, because a pipe has none.
      for (let bytesRead = -1; bytesRead !== 0 && length < mostBytes; length += bytesRead)
        ({ bytesRead } = await handle.read(buffer, length, mostBytes - length, null));
      return buffer.subarray(0, length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (file === '' || file === '-')
      throw new InvalidInputError('the name of the sweep file is empty; name the file, or /dev/stdin to read a pipe', {
        cause: error,
      });
    if (code === 'ENOENT') throw new NotFoundError(`${file}: no such file`);
    if (code === 'EISDIR') throw new InvalidInputError(`${file}: a folder; name the sweep file in it`, { cause: error });
    throw new InvalidInputError(`${file}: cannot be read as a sweep file (${code ?? String(error)})`, { cause: error });
  }
}
