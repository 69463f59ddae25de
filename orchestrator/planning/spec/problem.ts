/** What is wrong with a sweep file: every problem says where it is, what was found, what was expected and what to do. */
import { InvalidInputError } from '@ncsweep/protocol/errors';

export type SpecPath = readonly (string | number)[];

export interface Problem {
  readonly path: SpecPath;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
  /** Set when the field itself is wrong, not its value. */
  readonly atKey?: true;
}

/** The value at a path; undefined where there is none. */
export const valueAt = (data: unknown, path: SpecPath): unknown =>
  path.reduce<unknown>((at, part) => (at as Record<string | number, unknown> | null | undefined)?.[part], data);

/** A problem with its place: `origin` is the file, or the override that set the value. */
export interface PlacedProblem extends Problem {
  readonly origin: string;
  /** From 1; undefined for a value that an override set. */
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** Orders problems as a reader meets them; those of overrides come first. */
export const inFileOrder = (a: PlacedProblem, b: PlacedProblem): number =>
  (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);

/** spec.grids[0].epsilon[2] */
export const pathText = (path: SpecPath): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('') || '(whole file)';

const placeText = ({ origin, line, column }: PlacedProblem): string =>
  line === undefined ? origin : `${origin}:${line}:${column}`;

function problemText(problem: PlacedProblem): string {
  const rows = [`${placeText(problem)}  ${pathText(problem.path)}`];
  for (const key of ['found', 'expected', 'remedy'] as const) {
    if (problem[key] !== '') rows.push(`  ${key.padEnd(8)}  ${problem[key]}`);
  }
  return rows.join('\n');
}

/** Thrown with all problems of a sweep file at once. */
export class InvalidSweepError extends InvalidInputError {
  override readonly name = 'InvalidSweepError';
  readonly problems: readonly PlacedProblem[];
  constructor(file: string, problems: readonly PlacedProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([...problems.map(problemText), `${count} in ${file}`].join('\n'));
    this.problems = problems;
  }
}

const longest = 80;

/** A value as a user would recognise it, in at most 80 characters. */
export function foundText(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
