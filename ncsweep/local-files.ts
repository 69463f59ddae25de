/** Files that a sweep names on this machine: read for their digests, and examined so that mistakes surface before anything runs. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LocalFile } from '@ncsweep/orchestrator/planning/spec/named-files';
import { InvalidSweepError } from '@ncsweep/orchestrator/planning/spec/problem';
import { expectedFiles } from '@ncsweep/catalog/datasets';
import { digestOf, sha256 } from '@ncsweep/protocol/canonical';
import { InvalidFilesError } from '@ncsweep/protocol/errors';
import type { FoundData } from '@ncsweep/protocol/found-data';
import { readSafetensorsHeader } from '@ncsweep/protocol/safetensors-header';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { examineDataset, findDatasetFiles } from '@ncsweep/protocol/store/dataset-files';
import { checkFitsSome, weightsHeader } from './imported-weights.ts';

export interface LookedAt {
  readonly digest: string;
  /** For datasets whose files were examined. */
  readonly found: FoundData | undefined;
}

async function look(file: LocalFile, location: string): Promise<LookedAt> {
  if (file.kind === 'dataset') {
    const { entries, found } = await examineDataset(expectedFiles(file.dataset), location);
    const digest = digestOf(entries);
    if (file.stated !== undefined && file.stated !== digest)
      throw file.problem(
        file.path,
        `files whose digest is ${file.stated}`,
        `are these the right files? Their digest is ${digest}`,
      );
    return { digest, found };
  }
  const bytes = await readFile(location);
  readSafetensorsHeader(bytes, bytes.length, location);
  return { digest: sha256(bytes), found: undefined };
}

/** The remedy for a path that is meant for something else than this reader; undefined for a plain one. */
function pathRemedy({ path: written, kind }: LocalFile): string | undefined {
  if (/^~|\$\w|\$\{|%\w+%/.test(written)) return '"~" and variables are not expanded: write the path out';
  if (/^hf:/i.test(written)) return 'Download it: hf download --repo-type dataset NAME --local-dir FOLDER';
  if (/^https?:/i.test(written)) return 'Download it, and name the file or folder on this machine';
  if (/^[a-z][\w+.-]*:\/\//i.test(written))
    return kind === 'dataset'
      ? 'Datasets in a store are named with pushed: `ncsweep dataset push` brings them there'
      : 'Download it, and name the file on this machine';
  return undefined;
}

async function placed<T>(file: LocalFile, folder: string, looking: Promise<T>): Promise<T> {
  try {
    return await looking;
  } catch (error) {
    if (error instanceof InvalidSweepError) throw error;
    if (error instanceof InvalidFilesError) {
      const { place, found, expected, remedy } = error.problem;
      throw file.problem(`${place}: ${found}`, expected, pathRemedy(file) ?? remedy);
    }
    const code = (error as NodeJS.ErrnoException).code;
    const expected = file.kind === 'dataset' ? `the files of ${file.dataset}` : 'a safetensors file';
    const found = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder' : String(error);
    throw file.problem(
      `${path.resolve(folder, file.path)}: ${found}`,
      expected,
      pathRemedy(file) ?? 'Paths are relative to the folder of the sweep file',
    );
  }
}

/** @param folder of the sweep file @throws InvalidSweepError for files that are missing or not what they should be */
export const lookAtFile = (file: LocalFile, folder: string): Promise<LookedAt> =>
  placed(file, folder, look(file, path.resolve(folder, file.path)));

/**
 * Checks a file by names and headers alone, including whether weights fit some network of the sweep.
 * @param sweep whose networks weights must fit; undefined when it is not known what they are
 * @throws InvalidSweepError as `lookAtFile`, as far as these show
 */
export async function glanceAtFile(file: LocalFile, folder: string, sweep: Sweep | undefined): Promise<void> {
  const location = path.resolve(folder, file.path);
  if (file.kind === 'dataset') return glanceAtDataset(file, folder, location);
  const fits = async (): Promise<void> => {
    const header = await weightsHeader(location);
    if (sweep !== undefined) checkFitsSome(header, sweep, location);
  };
  await placed(file, folder, fits());
}

async function glanceAtDataset(file: Extract<LocalFile, { kind: 'dataset' }>, folder: string, location: string): Promise<void> {
  const { layout, ...expected } = expectedFiles(file.dataset);
  const { files } = await placed(file, folder, findDatasetFiles({ layout, ...expected }, location));
  if (layout.kind !== 'class-folders') return;
  const classes = new Set(files.map(({ name }) => name.split('/')[1])).size;
  const wrong = file.onlyClasses.find((label) => label >= classes);
  if (wrong !== undefined) throw file.labelProblem(wrong, classes);
}
