/** Sweep files on this machine, with the digests of the datasets and weights that they name. */
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { readPushedData } from '@ncsweep/orchestrator/engine/store/read-pushed-data';
import { pushedProblem } from '@ncsweep/orchestrator/planning/spec/pushed-data';
import { readSweep, type LocalFile, type StoredFiles } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { sha256 } from '@ncsweep/protocol/canonical';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import { datasetDigest } from '@ncsweep/protocol/store/dataset-files';
import { expectedFiles } from '@ncsweep/catalog/datasets';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';

/** More than a sweep may have, so that the reader of the text can say so. */
const mostBytes = (1 << 20) + 1;

/** The first bytes of a file. @throws NotFoundError, InvalidInputError for what cannot be read as a file */
export async function sweepBytes(file: string): Promise<Uint8Array> {
  try {
    const handle = await open(file, 'r');
    try {
      const buffer = Buffer.alloc(mostBytes);
      const { bytesRead } = await handle.read(buffer, 0, mostBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new NotFoundError(`${file}: no such file`);
    throw new InvalidInputError(`${file}: cannot be read as a sweep file (${code ?? String(error)})`, { cause: error });
  }
}

async function digestOfFile(file: LocalFile, location: string): Promise<string> {
  try {
    if (file.dataset !== undefined) return await datasetDigest(expectedFiles(file.dataset), location);
    return sha256(await readFile(location));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const expected = file.kind === 'dataset' ? `the files of ${file.dataset}` : 'a safetensors file';
    throw file.problem(file.path, expected, `${text}. A path is relative to the sweep file`);
  }
}

/** @throws InvalidSweepError for a name that the store does not know as the sweep says */
async function digestsByName(stored: readonly StoredFiles[], storeLocation: string): Promise<ReadonlyMap<string, string>> {
  const named = stored.filter(({ path: local, pushed }) => local === undefined && pushed !== undefined);
  if (named.length === 0) return new Map();
  const found = await readPushedData(await openStore(storeLocation, 'read'), named);
  for (const reference of named) {
    const problem = pushedProblem(reference, found);
    if (problem !== undefined) throw reference.problem(problem.expected, problem.remedy);
  }
  return new Map([...found.names].map(([name, { digest }]) => [name, digest]));
}

/**
 * Reads a sweep; files that it names are read for their digests, which is where they enter ids.
 * @param set overrides, `path=value`
 * @param storeLocation where names of pushed datasets are looked up
 * @throws InvalidSweepError with every problem; NotFoundError; StoreUnavailableError
 */
export async function loadSweep(file: string, set: readonly string[], storeLocation: string): Promise<Sweep> {
  const text = { bytes: await sweepBytes(file), file, set };
  const first = readSweep(text);
  const byName = await digestsByName(first.stored, storeLocation);
  const byPath = new Map<string, string>();
  const sources: Record<string, string> = {};
  for (const needed of first.files) {
    const location = path.resolve(path.dirname(file), needed.path);
    const digest = await digestOfFile(needed, location);
    if (needed.stated !== undefined && needed.stated !== digest) {
      const remedy = `are these the right files? Their digest is ${digest}`;
      throw needed.problem(needed.path, `files whose digest is ${needed.stated}`, remedy);
    }
    byPath.set(needed.path, digest);
    sources[digest] = location;
  }
  return { ...readSweep(text, { byPath, byName }).sweep, sources };
}
