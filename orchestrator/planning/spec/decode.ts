/** Data → the typed spec, or a problem for everything that the schema refuses. */
import { sweepDocument, type SweepDocument } from '@ncsweep/catalog/language/spec';
import type { z } from 'zod';
import { closestName, meantText } from './closest-name.ts';
import { foundText, pathText, type Problem, type SpecPath, valueAt } from './problem.ts';
import { Remainder } from './remainder.ts';
import { choicesAt, type Place } from './schema-places.ts';
import { type UnknownField, unknownFields } from './unknown-fields.ts';

type Issue = z.core.$ZodIssue;

const kinds: Record<string, string> = {
  array: 'a list',
  object: 'fields',
  record: 'fields',
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

/** Completes "expected …" for issues whose schema does not state it. */
export function expectedText(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'too_small':
      return issue.origin === 'array' ? `a list of at least ${issue.minimum}` : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array'
        ? `a list of at most ${issue.maximum}`
        : `at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    default:
      return issue.message ?? 'another value';
  }
}

function remedyFor(issue: Issue, found: unknown): string {
  const field = issue.path.at(-1);
  if (found === undefined) return typeof field === 'string' ? `add ${field}` : '';
  if (issue.code === 'invalid_value') {
    if (typeof found === 'boolean') return 'put the word in quotes: YAML reads it as true or false';
    return issue.values.length === 1 ? `write ${String(issue.values[0])}` : meantText(found, issue.values.map(String));
  }
  const isFilter = issue.path.includes('only') || issue.path.includes('exclude');
  if (isFilter && typeof found === 'number') return `put it in quotes: "${found}"`;
  if (field === 'epsilon' || issue.path.at(-2) === 'epsilon') return budgetRemedy(found);
  if (issue.code === 'invalid_type' && issue.expected === 'array') return listRemedy(found, issue.path);
  return '';
}

/** For budgets in 255ths that are written with spaces, a decimal point or another stroke, and for percent. */
function budgetRemedy(found: unknown): string {
  const [, num, den] = /^\s*(\d{1,9})(?:\.0*)?\s*[/÷⁄∕]\s*(\d{1,9})(?:\.0*)?\s*$/.exec(String(found)) ?? [];
  if (num !== undefined) return `did you mean "${num}/${den}"?`;
  const [, percent] = /^\s*(\d{1,3})\s*%\s*$/.exec(String(found)) ?? [];
  return percent === undefined ? '' : `did you mean "${percent}/100"?`;
}

function listRemedy(found: unknown, path: Place): string {
  if (typeof found === 'object') return 'put a "- " before each entry';
  const choice = choicesAt(path);
  const meant = typeof found === 'string' && !choice.includes(found) ? closestName(found, choice) : undefined;
  return `write it as a list: [${meant ?? foundText(found)}]`;
}

export interface Decoded {
  /** Undefined when the schema refuses something. */
  readonly document: SweepDocument | undefined;
  readonly problems: readonly Problem[];
  /** Places of values that were refused, and of those that were meant by unknown fields. */
  readonly refused: readonly SpecPath[];
}

/** What the schema says about each value; of a field that was misspelt and a length of the wrong type only once. */
function problemsOf(issues: readonly Issue[], unknown: readonly UnknownField[], data: unknown): Problem[] {
  const misspelt = new Set(
    unknown.flatMap(({ meant, isMissing }) => (meant !== undefined && isMissing ? [pathText(meant)] : [])),
  );
  const mistyped = new Set(issues.flatMap(({ code, path }) => (code === 'invalid_type' ? [pathText(path as SpecPath)] : [])));
  const isBound = ({ code }: Issue): boolean => code === 'too_big' || code === 'too_small';
  return issues
    .filter((issue) => issue.code !== 'unrecognized_keys' && !misspelt.has(pathText(issue.path as SpecPath)))
    .filter((issue) => !isBound(issue) || !mistyped.has(pathText(issue.path as SpecPath)))
    .map((issue): Problem => {
      const path = issue.path as SpecPath;
      const found = valueAt(data, path);
      return { path, found: foundText(found), expected: issue.message, remedy: remedyFor(issue, found) };
    });
}

export function decodeSpec(data: unknown): Decoded {
  const result = sweepDocument.safeParse(data, { error: expectedText });
  if (result.success) return { document: result.data, problems: [], refused: [] };
  const { issues } = result.error;
  const missing = new Set(
    issues.filter(({ path }) => valueAt(data, path as SpecPath) === undefined).map(({ path }) => pathText(path as SpecPath)),
  );
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? unknownFields(issue.path, issue.keys, missing) : [],
  );
  const problems = [...unknown.map(({ problem }) => problem), ...problemsOf(issues, unknown, data)];
  const extra = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key] as SpecPath) : [],
  );
  const meant = unknown.flatMap((field) =>
    field.meant === undefined || valueAt(data, field.meant) !== undefined ? [] : [field.meant],
  );
  return { document: undefined, problems, refused: [...problems.map(({ path }) => path), ...extra, ...meant] };
}

/** The deepest list entry on the way to a place. */
const entryAround = (path: Place): SpecPath =>
  path.slice(0, path.findLastIndex((part) => typeof part === 'number') + 1) as SpecPath;

/** Each round takes away entries that the one before left without a required field; lists nest three deep. */
const mostRounds = 5;

/** What is left of a document without what was refused, and without the list entries that cannot be read without that. */
export function remainderOf(data: unknown, refused: readonly SpecPath[]): Remainder {
  let left = new Remainder(data, refused);
  let gone = refused;
  for (let round = 0; round < mostRounds; round += 1) {
    const issues = sweepDocument.safeParse(left.data).error?.issues ?? [];
    const entries = issues.map(({ path }) => left.placeOf(entryAround(path))).filter((path) => path.length > 0);
    if (entries.length === 0) break;
    gone = [...gone, ...entries];
    left = new Remainder(data, gone);
  }
  return left;
}
