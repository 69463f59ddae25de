/**
 * A sweep file → the resolved sweep, or all its problems with their places (docs/spec.md). Pure: the caller reads files and passes
 * bytes and digests.
 */
import { isMadeName, type FileDatasetName } from '@ncsweep/catalog/datasets';
import type { SweepDocument, SweepSpec } from '@ncsweep/catalog/language/spec';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { DataReference } from './pushed-data.ts';
import { checkPoints } from './check-points.ts';
import { decodeSpec } from './decode.ts';
import { applyOverride, type Override } from './override.ts';
import { dataOf, parseYaml } from './parse-yaml.ts';
import { InvalidSweepError, type PlacedProblem, type Problem, type SpecPath } from './problem.ts';
import { Reporter } from './reporter.ts';
import { type KnownDigests, nothingKnown } from './resolve-axes.ts';
import { resolveSweep } from './resolve-sweep.ts';

export interface SweepText {
  readonly bytes: Uint8Array;
  /** Name of the file in problems. */
  readonly file: string;
  /** Overrides, `path=value`. */
  readonly set: readonly string[];
}

/** A file that the sweep needs on this machine. */
export interface LocalFile {
  readonly kind: 'dataset' | 'weights';
  /** The path as the sweep writes it. */
  readonly path: string;
  /** The dataset's name; undefined for weights. */
  readonly dataset: FileDatasetName | undefined;
  /** The digest that the sweep states. */
  readonly stated: string | undefined;
  /** The name of the same files in the store. */
  readonly pushed: string | undefined;
  /** Refuses the sweep because of this file. */
  readonly problem: (found: string, expected: string, remedy: string) => InvalidSweepError;
}

/** A dataset that the sweep identifies by its digest, or by its name in the store. */
export interface StoredFiles extends DataReference {
  /** The path of the same files on this machine. */
  readonly path: string | undefined;
  readonly imageSize: number | undefined;
  readonly volume: { readonly claimName: string; readonly subPath?: string | undefined } | undefined;
  /** Refuses the sweep because of the name. */
  readonly problem: (expected: string, remedy: string) => InvalidSweepError;
}

export interface ReadSweep {
  readonly sweep: Sweep;
  /** The document as written, overrides included, as sent to a cluster. */
  readonly document: SweepDocument;
  readonly files: readonly LocalFile[];
  /** Datasets that are not generated. */
  readonly stored: readonly StoredFiles[];
}

const isUnder = (path: SpecPath, prefix: SpecPath): boolean => prefix.every((part, i) => path[i] === part);

/** Attributes problems of values that an override set to that override. */
function placer(place: (problem: Problem) => PlacedProblem, overrides: readonly Override[]): (problem: Problem) => PlacedProblem {
  return (problem) => {
    const origin = overrides.findLast(({ path }) => isUnder(problem.path, path))?.origin;
    return origin === undefined ? place(problem) : { ...problem, origin, line: undefined, column: undefined };
  };
}

const inOrder = (a: PlacedProblem, b: PlacedProblem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

type Refuse = (path: SpecPath, found: string, expected: string, remedy: string) => InvalidSweepError;

const storedFiles = (spec: SweepSpec, refuse: Refuse): StoredFiles[] =>
  spec.dataset.flatMap(({ name, path, pushed, digest, volume, imageSize }, i): StoredFiles[] =>
    isMadeName(name)
      ? []
      : [
          {
            dataset: name,
            path,
            pushed,
            digest,
            volume,
            imageSize,
            problem: (...words) => refuse(['spec', 'dataset', i, 'pushed'], pushed ?? '', ...words),
          },
        ],
  );

function localFiles(spec: SweepSpec, refuse: Refuse): LocalFile[] {
  const datasets = spec.dataset.flatMap(({ name, path, digest, pushed }, i): LocalFile[] =>
    path === undefined || isMadeName(name)
      ? []
      : [
          {
            kind: 'dataset',
            path,
            dataset: name,
            stated: digest,
            pushed,
            problem: (...words) => refuse(['spec', 'dataset', i, 'path'], ...words),
          },
        ],
  );
  const weights = spec.training.flatMap(({ from }, i): LocalFile[] =>
    from === undefined
      ? []
      : [
          {
            kind: 'weights',
            path: from,
            dataset: undefined,
            stated: undefined,
            pushed: undefined,
            problem: (...words) => refuse(['spec', 'training', i, 'from'], ...words),
          },
        ],
  );
  return [...datasets, ...weights];
}

/**
 * @param known digests of local files by their path as written; files that are not known get a digest that no run accepts
 * @throws InvalidSweepError with every problem
 */
export function readSweep({ bytes, file, set }: SweepText, known: KnownDigests = nothingKnown): ReadSweep {
  const result = parseYaml(bytes, file);
  if ('problems' in result) throw new InvalidSweepError(file, result.problems);
  const { document, place } = result.parsed;
  const applied = set.map((text) => applyOverride(document, text));
  const refused = applied.filter((outcome): outcome is Problem => 'found' in outcome);
  if (refused.length > 0)
    throw new InvalidSweepError(
      file,
      refused.map((problem) => ({ ...problem, origin: problem.found, line: undefined, column: undefined })),
    );
  const placed = placer(
    place,
    applied.filter((outcome): outcome is Override => 'origin' in outcome),
  );
  const content = dataOf(document);
  if ('problem' in content) throw new InvalidSweepError(file, [placed(content.problem)]);
  const decoded = decodeSpec(content.data);
  const problems = [...decoded.problems];
  const sweep = resolveSweep(content.data, known, problems);
  if (problems.length === 0) checkPoints(sweep, new Reporter(problems, ['spec', 'grids']));
  if (decoded.document === undefined || problems.length > 0)
    throw new InvalidSweepError(file, problems.map(placed).sort(inOrder));
  const refuse: Refuse = (path, found, expected, remedy) =>
    new InvalidSweepError(file, [placed({ path, found, expected, remedy })]);
  const { spec } = decoded.document;
  return { sweep, document: decoded.document, files: localFiles(spec, refuse), stored: storedFiles(spec, refuse) };
}
