/** Reads sweeps as they are written, with the digests of the datasets and weights that they name. */
import path from 'node:path';
import { readPushedData } from '@ncsweep/orchestrator/engine/store/read-pushed-data';
import { inFileOrder, InvalidSweepError, type PlacedProblem } from '@ncsweep/orchestrator/planning/spec/problem';
import { nothingPushed, pushedProblem, sizeProblem, type PushedData } from '@ncsweep/orchestrator/planning/spec/pushed-data';
import type { LocalFile, StoredFiles } from '@ncsweep/orchestrator/planning/spec/named-files';
import { checkSweep, namedPlugins, readSweep, type CheckedSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { nothingKnown } from '@ncsweep/orchestrator/planning/spec/resolve-axes';
import type { FoundData } from '@ncsweep/protocol/found-data';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { backendOf } from '@ncsweep/catalog/backends';
import { resolveBackend, type BackendChoice } from './backends.ts';
import { readDefaults } from './config.ts';
import { glanceAtFile, lookAtFile } from './local-files.ts';
import { defaultWorkers } from './machine-size.ts';
import { readNamedPlugins } from './plugins/named-plugins.ts';
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

/** Collects what is refused while several things are looked at. */
class Refusals {
  readonly #problems: PlacedProblem[] = [];

  /** @returns undefined when the sweep is refused because of it */
  async look<T>(looking: Promise<T>): Promise<T | undefined> {
    try {
      return await looking;
    } catch (error) {
      if (!(error instanceof InvalidSweepError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  add({ problems }: InvalidSweepError): void {
    this.#problems.push(...problems);
  }

  /** With those that are known already, in the order of the file. */
  problems(known: readonly PlacedProblem[] = []): readonly PlacedProblem[] {
    return [...known, ...this.#problems].toSorted(inFileOrder);
  }

  /** @throws InvalidSweepError if anything was refused */
  check(file: string): void {
    if (this.#problems.length > 0) throw new InvalidSweepError(file, this.problems());
  }
}

/** @throws InvalidSweepError for a name that the store does not hold as the sweep describes it */
function checkStored(reference: StoredFiles, found: PushedData): Promise<void> {
  const problem = pushedProblem(reference, found) ?? sizeProblem(reference, found);
  return problem === undefined ? Promise.resolve() : Promise.reject(reference.problem(problem.expected, problem.remedy));
}

async function pushedData(stored: readonly StoredFiles[], storeLocation: string, refusals: Refusals): Promise<PushedData> {
  const named = stored.filter(({ path: local, pushed, digest }) => local === undefined && (pushed ?? digest) !== undefined);
  if (named.length === 0) return nothingPushed;
  const found = await readPushedData(await openStore(storeLocation, 'read'), named);
  for (const reference of named) await refusals.look(checkStored(reference, found));
  return found;
}

/** Whether it is known which networks the sweep has. */
const knowsNetworks = ({ problems }: CheckedSweep): boolean =>
  !problems.some(({ path: [, axis] }) => axis === 'dataset' || axis === 'architecture');

/** Every problem of a sweep and of the files that it names on this machine, as far as names and headers show. @param refusals those known before */
async function allProblems(checked: CheckedSweep, folder: string, refusals: Refusals): Promise<readonly PlacedProblem[]> {
  const { problems, read } = checked;
  for (const file of read?.files ?? [])
    await refusals.look(glanceAtFile(file, folder, knowsNetworks(checked) ? read?.sweep : undefined));
  return refusals.problems(problems);
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
  const text = { bytes, file: name, set };
  const refusals = new Refusals();
  const plugins = await readNamedPlugins(namedPlugins(text), folder, undefined, (error) => refusals.add(error));
  return allProblems(checkSweep(text, { ...nothingKnown, plugins }), folder, refusals);
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
  const refusals = new Refusals();
  const openStored = (): Promise<ObjectStore> => openStore(store, 'read');
  const plugins = await readNamedPlugins(namedPlugins(text), folder, openStored, (error) => refusals.add(error));
  const checked = checkSweep(text, { ...nothingKnown, plugins });
  const { read: first, problems } = checked;
  if (first === undefined || problems.length > 0 || !plugins.areAllRead)
    throw new InvalidSweepError(name, await allProblems(checked, folder, refusals));
  const pushed = await pushedData(first.stored, store, refusals);
  const known = await knownData(first.files, folder, refusals, signal);
  refusals.check(name);
  const byName = new Map([...pushed.names].map(([of, { digest }]) => [of, digest]));
  const found = new Map([...pushed.found, ...known.found]);
  const { sweep, files, document } = readSweep(text, { byPath: known.byPath, byName, found, plugins });
  const parallelism = document.spec.execution?.parallelism ?? (await workersFor(sweep.execution.backend));
  const execution = { ...sweep.execution, parallelism };
  const loaded = {
    ...sweep,
    execution,
    sources: { ...known.sources, ...plugins.sources },
    ...(found.size > 0 && { found: Object.fromEntries(found) }),
  };
  for (const file of files) if (file.kind === 'weights') await refusals.look(glanceAtFile(file, folder, loaded));
  refusals.check(name);
  return loaded;
}

interface KnownData {
  /** Digests by the path as the sweep writes it. */
  readonly byPath: ReadonlyMap<string, string>;
  /** Where the files of a digest are. */
  readonly sources: Readonly<Record<string, string>>;
  readonly found: ReadonlyMap<string, FoundData>;
}

/** Reads the files that a sweep names on this machine. */
async function knownData(
  files: readonly LocalFile[],
  folder: string,
  refusals: Refusals,
  signal: AbortSignal | undefined,
): Promise<KnownData> {
  const byPath = new Map<string, string>();
  const sources: Record<string, string> = {};
  const found = new Map<string, FoundData>();
  for (const file of files) {
    signal?.throwIfAborted();
    const looked = await refusals.look(lookAtFile(file, folder));
    if (looked === undefined) continue;
    byPath.set(file.path, looked.digest);
    sources[looked.digest] = path.resolve(folder, file.path);
    if (looked.found !== undefined) found.set(looked.digest, looked.found);
  }
  return { byPath, sources, found };
}

/** Number of worker processes on this machine for a sweep that sets none. */
async function workersFor(choice: BackendChoice): Promise<number> {
  // A backend that is not available is rejected only when something must be computed.
  const backend = await resolveBackend(choice).catch(() => undefined);
  return defaultWorkers(backend !== undefined && backendOf(backend).device === 'gpu');
}
