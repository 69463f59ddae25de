/**
 * A sweep file → the resolved sweep, or all its problems with their places (docs/spec.md). Pure: the caller reads files and passes
 * bytes and digests.
 */
import type { SweepDocument } from '@ncsweep/catalog/language/spec';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { Document } from 'yaml';
import { checkPoints } from './check-points.ts';
import { decodeSpec, remainderOf } from './decode.ts';
import { localFiles, storedFiles, type LocalFile, type Refuse, type StoredFiles } from './named-files.ts';
import { applyOverride, type Override } from './override.ts';
import { dataOf, parseYaml } from './parse-yaml.ts';
import { inFileOrder, InvalidSweepError, pathText, type PlacedProblem, type Problem, type SpecPath } from './problem.ts';
import { Reporter } from './reporter.ts';
import { pluginReferences, type PluginReference } from './plugin-references.ts';
import { type KnownDigests, nothingKnown } from './resolve-axes.ts';
import { resolveSweep } from './resolve-sweep.ts';

export interface SweepText {
  readonly bytes: Uint8Array;
  /** Name of the file in problems. */
  readonly file: string;
  /** Overrides, `path=value`. */
  readonly set: readonly string[];
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

export interface CheckedSweep {
  /** Every problem, in the order of the file. */
  readonly problems: readonly PlacedProblem[];
  /** What can be made of the file; valid if there are no problems, undefined if it cannot be read at all. */
  readonly read: (Omit<ReadSweep, 'document'> & { readonly document: SweepDocument | undefined }) | undefined;
}

interface Located {
  readonly place: (problem: Problem) => PlacedProblem;
  /** Problems that are found by reading and overriding alone. */
  readonly early: readonly PlacedProblem[];
  readonly document: Document | undefined;
  readonly brokenAt: number;
}

/** A text is read once, although it is checked before and after what it names was looked at. */
const textsRead = new WeakMap<SweepText, Located>();

function readText(text: SweepText): Located {
  const located = textsRead.get(text) ?? locate(text);
  textsRead.set(text, located);
  return located;
}

function locate({ bytes, file, set }: SweepText): Located {
  const { document, place, problems, brokenAt } = parseYaml(bytes, file);
  if (document === undefined) return { place, early: problems, document, brokenAt };
  const applied = set.map((text) => applyOverride(document, text));
  const refused = applied
    .filter((outcome): outcome is Problem => 'found' in outcome)
    .map((problem) => ({ ...problem, origin: problem.found, line: undefined, column: undefined }));
  const overrides = applied.filter((outcome): outcome is Override => 'origin' in outcome);
  const notOverridden = problems.filter(({ path }) => path.length === 0 || !overrides.some((each) => isUnder(path, each.path)));
  return { place: placer(place, overrides), early: [...refused, ...notOverridden], document, brokenAt };
}

/** Those problems that lie at and below none of `places`. */
function outside(problems: readonly Problem[], places: readonly SpecPath[]): Problem[] {
  const known = new Set(places.map(pathText));
  return problems.filter(({ path }) => !path.some((_, i) => known.has(pathText(path.slice(0, i + 1)))));
}

/** Whether a value may only look wrong because the file breaks off further down. */
const isCutOff = ({ found }: Problem): boolean => found === 'nothing' || found === 'null';

/** The plug-ins that a sweep names, which must be read before its parts can be checked. None of a file that cannot be read. */
export function namedPlugins(text: SweepText): readonly PluginReference[] {
  const { place, document } = readText(text);
  const content = document && dataOf(document);
  if (content === undefined || 'problem' in content) return [];
  return pluginReferences(
    content.data,
    (path, ...[found, expected, remedy]) => new InvalidSweepError(text.file, [place({ path, found, expected, remedy })]),
  );
}

/**
 * Checks everything that can be checked, also in a file with mistakes.
 * @param known digests of local files by their path as written; files that are not known get a digest that no run accepts
 */
export function checkSweep(text: SweepText, known: KnownDigests = nothingKnown): CheckedSweep {
  const { place, early, document, brokenAt } = readText(text);
  if (document === undefined) return { problems: early.toSorted(inFileOrder), read: undefined };
  const content = dataOf(document);
  if ('problem' in content) return { problems: [...early, place(content.problem)].toSorted(inFileOrder), read: undefined };
  const decoded = decodeSpec(content.data);
  const wrong = early.flatMap(({ path }) => (path.length === 0 ? [] : [path]));
  const found = outside(decoded.problems, wrong);
  if (brokenAt < Infinity) {
    const before = found.map(place).filter((problem) => (problem.line ?? 0) < brokenAt && !isCutOff(problem));
    return { problems: [...early, ...before].toSorted(inFileOrder), read: undefined };
  }
  const remainder = remainderOf(content.data, [...wrong, ...decoded.refused]);
  const sweep = resolveSweep(remainder, known, found);
  if (found.length + early.length === 0 && known.plugins.areAllRead) checkPoints(sweep, new Reporter(found, ['spec', 'grids']));
  const refuse: Refuse = (path, ...[what, expected, remedy]) =>
    new InvalidSweepError(text.file, [place({ path, found: what, expected, remedy })]);
  return {
    problems: [...early, ...found.map(place)].toSorted(inFileOrder),
    read: { sweep, document: decoded.document, files: localFiles(remainder, refuse), stored: storedFiles(remainder, refuse) },
  };
}

/**
 * @param known as for `checkSweep`
 * @throws InvalidSweepError with every problem
 */
export function readSweep(text: SweepText, known: KnownDigests = nothingKnown): ReadSweep {
  const { problems, read } = checkSweep(text, known);
  const document = read?.document;
  if (read === undefined || document === undefined || problems.length > 0) throw new InvalidSweepError(text.file, problems);
  return { ...read, document };
}
