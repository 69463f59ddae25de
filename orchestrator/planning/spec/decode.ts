/** Data → the typed spec, or a problem for everything that the schema refuses. */
import { sweepDocument, type SweepDocument } from '@ncsweep/catalog/language/spec';
import type { z } from 'zod';
import { closestName, meantText } from './closest-name.ts';
import { ourWord, whyAbsent } from './field-words.ts';
import { foundText, pathText, type Problem, type SpecPath, valueAt } from './problem.ts';

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
function expectedText(issue: z.core.$ZodRawIssue): string {
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
  if (issue.code === 'invalid_type' && issue.expected === 'array') return listRemedy(found, issue.path);
  return '';
}

function listRemedy(found: unknown, path: Place): string {
  if (typeof found === 'object') return 'put a "- " before each entry';
  const choice = choicesAt(path);
  const meant = typeof found === 'string' && !choice.includes(found) ? closestName(found, choice) : undefined;
  return `write it as a list: [${meant ?? foundText(found)}]`;
}

/** Maximum number of unknown fields named in one place: more of them are surely a single mistake. */
const mostUnknown = 20;

/** Problems for unknown fields: what was probably meant, or what is allowed there. */
function unknownFields(issue: Extract<Issue, { code: 'unrecognized_keys' }>, missing: ReadonlySet<string>): Problem[] {
  const known = fieldsAt(issue.path);
  return issue.keys.slice(0, mostUnknown).map((key) => {
    const path = [...issue.path, key] as SpecPath;
    const close = known.includes(key) ? key : closestName(key, known);
    const there = close !== undefined && missing.has(pathText([...(issue.path as SpecPath), close]));
    const remedy = close === undefined ? elsewhere(key, issue.path, known) : `did you mean "${close}"?`;
    return { path, atKey: true as const, found: `the field "${key}"`, expected: there ? `"${close}"` : 'a known field', remedy };
  });
}

type Place = readonly PropertyKey[];

/** Where a field found at `path` may belong: below it, around it, then anywhere in the spec. */
function placesNear(path: Place): Place[] {
  const below = (at: Place): Place[] =>
    fieldsAt(at).flatMap((field) => [
      [...at, field],
      [...at, field, 0],
    ]);
  const above = path.map((_, i) => path.slice(0, i)).reverse();
  return [...below(path), ...above.filter((at) => at.length > 0), ...below(['spec'])];
}

/** The remedy for a field that nothing here resembles. */
function elsewhere(key: string, path: Place, known: readonly string[]): string {
  for (const at of placesNear(path)) {
    const fields = fieldsAt(at);
    const name = fields.includes(key) ? key : ourWord(key, fields);
    if (name === undefined) continue;
    const place = String(at.findLast((part) => typeof part === 'string'));
    return name === key ? `this belongs in ${place}` : `this belongs in ${place}, as ${name}`;
  }
  return whyAbsent(key) ?? `remove it; known here: ${known.join(', ')}`;
}

interface Schema {
  readonly unwrap?: () => Schema;
  readonly element?: Schema;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly options?: readonly unknown[];
}

/** The schema at a path of the document, without wrappers that only make a value optional. */
function schemaAt(path: Place): Schema | undefined {
  const bare = (schema: Schema | undefined): Schema | undefined =>
    schema?.unwrap === undefined || schema.element !== undefined ? schema : bare(schema.unwrap());
  return path.reduce<Schema | undefined>(
    (at, part) => bare(typeof part === 'number' ? at?.element : at?.shape?.[String(part)]),
    bare(sweepDocument as unknown as Schema),
  );
}

const fieldsAt = (path: Place): string[] => Object.keys(schemaAt(path)?.shape ?? {});

/** The values allowed for entries of a list at a path; empty where the schema does not list them. */
const choicesAt = (path: Place): string[] => (schemaAt([...path, 0])?.options ?? []).filter((each) => typeof each === 'string');

export interface Decoded {
  /** Undefined when the schema refuses something. */
  readonly document: SweepDocument | undefined;
  readonly problems: readonly Problem[];
}

export function decodeSpec(data: unknown): Decoded {
  const result = sweepDocument.safeParse(data, { error: expectedText });
  if (result.success) return { document: result.data, problems: [] };
  const { issues } = result.error;
  const missing = new Set(
    issues.filter(({ path }) => valueAt(data, path as SpecPath) === undefined).map(({ path }) => pathText(path as SpecPath)),
  );
  const unknown = issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? unknownFields(issue, missing) : []));
  const misspelt = new Set(
    unknown.flatMap(({ path, expected }) =>
      expected.startsWith('"') ? [pathText([...path.slice(0, -1), expected.slice(1, -1)])] : [],
    ),
  );
  // A value of the wrong type has no length to complain about.
  const mistyped = new Set(issues.flatMap(({ code, path }) => (code === 'invalid_type' ? [pathText(path as SpecPath)] : [])));
  const isBound = ({ code }: Issue): boolean => code === 'too_big' || code === 'too_small';
  const others = issues
    .filter((issue) => issue.code !== 'unrecognized_keys' && !misspelt.has(pathText(issue.path as SpecPath)))
    .filter((issue) => !isBound(issue) || !mistyped.has(pathText(issue.path as SpecPath)))
    .map((issue): Problem => {
      const path = issue.path as SpecPath;
      const found = valueAt(data, path);
      return { path, found: foundText(found), expected: issue.message, remedy: remedyFor(issue, found) };
    });
  return { document: undefined, problems: [...unknown, ...others] };
}
