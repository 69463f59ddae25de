/** Data → the typed spec, with a problem for everything that the schema refuses. */
import { sweepDocument, type SweepDocument } from '@ncsweep/catalog/language/spec';
import type { z } from 'zod';
import { closestName, meantText } from './closest-name.ts';
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

/** Completes "expected …" for issues whose schema does not say it itself. */
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
  if (issue.code === 'invalid_type' && issue.expected === 'array')
    return typeof found === 'object' ? 'put a "- " before each entry' : `write it as a list: [${foundText(found)}]`;
  if (typeof found === 'number' && !Number.isInteger(found) && issue.code === 'invalid_union')
    return 'write it exactly: a fraction such as "8/255", or the decimal in quotes';
  return '';
}

/** Unknown fields that are named in one place: more are surely one mistake. */
const mostUnknown = 20;

/** A field is unknown: what was meant, or what is allowed there. */
function unknownFields(issue: Extract<Issue, { code: 'unrecognized_keys' }>, missing: ReadonlySet<string>): Problem[] {
  const known = fieldsAt(issue.path);
  return issue.keys.slice(0, mostUnknown).map((key) => {
    const path = [...issue.path, key] as SpecPath;
    const close = closestName(key, known);
    const there = close !== undefined && missing.has(pathText([...(issue.path as SpecPath), close]));
    const remedy = close === undefined ? `remove it; known here: ${known.join(', ')}` : `did you mean "${close}"?`;
    return { path, atKey: true as const, found: `the field "${key}"`, expected: there ? `"${close}"` : 'a known field', remedy };
  });
}

/** Fields that the schema knows at a path of the document. */
function fieldsAt(path: readonly PropertyKey[]): string[] {
  let schema: unknown = sweepDocument;
  for (const part of path) {
    let inner = schema as { unwrap?: () => unknown; element?: unknown; shape?: Record<string, unknown> };
    while (inner.unwrap && inner.element === undefined) inner = inner.unwrap() as typeof inner;
    schema = typeof part === 'number' ? inner.element : inner.shape?.[String(part)];
  }
  let inner = schema as { unwrap?: () => unknown; shape?: Record<string, unknown> } | undefined;
  while (inner?.unwrap && inner.shape === undefined) inner = inner.unwrap() as typeof inner;
  return Object.keys(inner?.shape ?? {});
}

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
  const others = issues
    .filter((issue) => issue.code !== 'unrecognized_keys' && !misspelt.has(pathText(issue.path as SpecPath)))
    .map((issue): Problem => {
      const path = issue.path as SpecPath;
      const found = valueAt(data, path);
      return { path, found: foundText(found), expected: issue.message, remedy: remedyFor(issue, found) };
    });
  return { document: undefined, problems: [...unknown, ...others] };
}
