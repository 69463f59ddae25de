/** Reads sweeps as they are written, with the digests of the datasets and weights that they name. */
import path from 'node:path';
import { readPushedData } from '@ncsweep/orchestrator/engine/store/read-pushed-data';
import { InvalidSweepError, type PlacedProblem } from '@ncsweep/orchestrator/planning/spec/problem';
import { nothingPushed, pushedProblem, sizeProblem, type PushedData } from '@ncsweep/orchestrator/planning/spec/pushed-data';
import { readSweep, type ReadSweep, type StoredFiles } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { backendOf } from '@ncsweep/catalog/backends';
import { resolveBackend, type BackendChoice } from './backends.ts';
import { readDefaults } from './config.ts';
import { glanceAtFile, lookAtFile } from './local-files.ts';
import { defaultWorkers } from './machine-size.ts';
import { readSource, type SweepSource } from './sweep-source.ts';

export interface ValidateOptions {
  /** Overrides, each `path=value`, as the command line's `--set` takes them. */
  readonly set?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LoadOptions extends ValidateOptions {
  /** Where names of pushed datasets are looked up: a directory or s3://bucket/prefix. Default: `NCSWEEP_STORE`, else `.ncsweep/store`. */
  readonly store?: string | undefined;
}

/** @throws InvalidSweepError for a name that the store does not hold as the sweep describes it */
async function pushedData(stored: readonly StoredFiles[], storeLocation: string): Promise<PushedData> {
  const named = stored.filter(({ path: local, pushed, digest }) => local === undefined && (pushed ?? digest) !== undefined);
  if (named.length === 0) return nothingPushed;
  const found = await readPushedData(await openStore(storeLocation, 'read'), named);
  for (const reference of named) {
    const problem = pushedProblem(reference, found) ?? sizeProblem(reference, found);
    if (problem !== undefined) throw reference.problem(problem.expected, problem.remedy);
  }
  return found;
}

/** Every problem of the files that a sweep names on this machine, as far as names and headers show. */
async function problemsOfFiles({ sweep, files }: ReadSweep, folder: string): Promise<readonly PlacedProblem[]> {
  const problems: PlacedProblem[] = [];
  for (const file of files)
    await glanceAtFile(file, folder, sweep).catch((error: unknown) => {
      if (!(error instanceof InvalidSweepError)) throw error;
      problems.push(...error.problems);
    });
  return problems;
}

/**
 * Checks a sweep, and that what it names on this machine exists. It reads only the file names of datasets and the headers of weights.
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
  const { bytes, name, folder } = await readSource(source, signal);
  try {
    return await problemsOfFiles(readSweep({ bytes, file: name, set }), folder);
  } catch (error) {
    if (error instanceof InvalidSweepError) return error.problems;
    throw error;
  }
}

/**
 * Reads a sweep. Files that it names are read for their digests, which enter the ids of cells. A sweep that sets no
 * `execution.parallelism` gets as many workers as this machine has room for; the number enters no id.
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
  const pushed = await pushedData(first.stored, store);
  const byName = new Map([...pushed.names].map(([of, { digest }]) => [of, digest]));
  const byPath = new Map<string, string>();
  const sources: Record<string, string> = {};
  const found = new Map(pushed.found);
  for (const needed of first.files) {
    signal?.throwIfAborted();
    const looked = await lookAtFile(needed, folder);
    const { digest } = looked;
    if (needed.stated !== undefined && needed.stated !== digest) {
      const remedy = `are these the right files? Their digest is ${digest}`;
      throw needed.problem(needed.path, `files whose digest is ${needed.stated}`, remedy);
    }
    byPath.set(needed.path, digest);
    sources[digest] = path.resolve(folder, needed.path);
    if (looked.found !== undefined) found.set(digest, looked.found);
  }
  const { sweep, files, document } = readSweep(text, { byPath, byName, found });
  const parallelism = document.spec.execution?.parallelism ?? (await workersFor(sweep.execution.backend));
  const execution = { ...sweep.execution, parallelism };
  const loaded = { ...sweep, execution, sources, ...(found.size > 0 && { found: Object.fromEntries(found) }) };
  for (const file of files) if (file.kind === 'weights') await glanceAtFile(file, folder, loaded);
  return loaded;
}

/** Number of worker processes on this machine for a sweep that sets none. */
async function workersFor(choice: BackendChoice): Promise<number> {
  // A backend that is not available is rejected only when something must be computed.
  const backend = await resolveBackend(choice).catch(() => undefined);
  return defaultWorkers(backend !== undefined && backendOf(backend).device === 'gpu');
}
