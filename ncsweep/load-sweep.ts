/** Sweeps as they are written, with the digests of the datasets and weights that they name. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readPushedData } from '@ncsweep/orchestrator/engine/store/read-pushed-data';
import { InvalidSweepError, type PlacedProblem } from '@ncsweep/orchestrator/planning/spec/problem';
import { pushedProblem } from '@ncsweep/orchestrator/planning/spec/pushed-data';
import { readSweep, type LocalFile, type StoredFiles } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { expectedFiles } from '@ncsweep/catalog/datasets';
import { sha256 } from '@ncsweep/protocol/canonical';
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import { datasetDigest } from '@ncsweep/protocol/store/dataset-files';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { readDefaults } from './config.ts';
import { readSource, type SweepSource } from './sweep-source.ts';

export interface ValidateOptions {
  /** Overrides, each `path=value`, as `--set` of the command line takes them. */
  readonly set?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LoadOptions extends ValidateOptions {
  /** Where names of pushed datasets are looked up: a directory or s3://bucket/prefix. Default: `NCSWEEP_STORE`, else `.ncsweep/store`. */
  readonly store?: string | undefined;
}

async function digestOfFile(file: LocalFile, location: string): Promise<string> {
  try {
    if (file.dataset !== undefined) return await datasetDigest(expectedFiles(file.dataset), location);
    return sha256(await readFile(location));
  } catch (error) {
    if (error instanceof InvalidFilesError) {
      const { place, found, expected, remedy } = error.problem;
      throw file.problem(`${place}: ${found}`, expected, remedy);
    }
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
 * Checks a sweep without reading the datasets and weights that it names.
 * @returns every problem in the order of the text, each with its place, what was found, what was expected and the remedy; none when the sweep is valid
 * @throws NotFoundError when there is no such file
 * @example
 * ```ts
 * import { validateSweep } from 'ncsweep';
 *
 * for (const { line, expected, remedy } of await validateSweep({ text: 'kind: Swep' }))
 *   console.log(`line ${line}: expected ${expected}; ${remedy}`);
 * ```
 */
export async function validateSweep(
  source: SweepSource,
  { set = [], signal }: ValidateOptions = {},
): Promise<readonly PlacedProblem[]> {
  const { bytes, name } = await readSource(source, signal);
  try {
    readSweep({ bytes, file: name, set });
    return [];
  } catch (error) {
    if (error instanceof InvalidSweepError) return error.problems;
    throw error;
  }
}

/**
 * Reads a sweep. Files that it names are read for their digests, which is how they enter the ids of cells.
 * @throws InvalidSweepError with every problem; NotFoundError when there is no such file; StoreUnavailableError
 * @example
 * ```ts
 * import { loadSweep } from 'ncsweep';
 *
 * const sweep = await loadSweep('tiny.yaml', { set: ['seed=[1,2]'] });
 * console.log(sweep.name, sweep.seeds);
 * ```
 */
export async function loadSweep(source: SweepSource, options: LoadOptions = {}): Promise<Sweep> {
  const { set = [], signal, store = readDefaults().defaultStore } = options;
  const { bytes, name, folder } = await readSource(source, signal);
  const text = { bytes, file: name, set };
  const first = readSweep(text);
  const byName = await digestsByName(first.stored, store);
  const byPath = new Map<string, string>();
  const sources: Record<string, string> = {};
  for (const needed of first.files) {
    signal?.throwIfAborted();
    const location = path.resolve(folder, needed.path);
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
