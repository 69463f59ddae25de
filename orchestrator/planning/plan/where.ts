/** `--where axis=value[,value…]`: selects cells or rows of a sweep. With several axes, all must match. Pure. */
import type { Cell } from '@ncsweep/catalog/cell';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { Axis } from '@ncsweep/catalog/axes';
import { meantText } from '../spec/closest-name.ts';
import { cellNames, type CellNames } from './cell-names.ts';
import type { Plan } from './plan.ts';

const cellAxes = [
  'dataset',
  'architecture',
  'training',
  'seed',
  'epoch',
  'attack',
  'epsilon',
  'split',
] as const satisfies readonly Axis[];
const rowAxes: readonly string[] = ['layer', 'pooling', 'labels'] satisfies readonly Axis[];
const mostShown = 12;

/** The values that each axis has among the items to choose from. */
function knownValues(all: readonly CellNames[]): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  for (const names of all)
    for (const [axis, values] of Object.entries(names)) {
      const seen = known.get(axis) ?? new Set();
      known.set(axis, seen);
      for (const value of values) seen.add(value);
    }
  return known;
}

function checkedAxis(text: string, axis: string, known: ReadonlyMap<string, unknown>, things: string): void {
  if (known.has(axis)) return;
  const choice = [...known.keys()];
  if (rowAxes.includes(axis))
    throw new InvalidInputError(
      `--where ${text}: ${axis} chooses rows, and ${things} have all of them; choose by ${choice.join(', ')}`,
    );
  if ((cellAxes as readonly string[]).includes(axis))
    throw new InvalidInputError(`--where ${text}: ${things} have no ${axis}; choose by ${choice.join(', ')}`);
  throw new InvalidInputError(`--where ${text}: "${axis}" is not an axis; ${meantText(axis, choice)}`);
}

function checkedValues(text: string, found: string, known: ReadonlySet<string>, things: string): readonly string[] {
  const values = found.split(',').map((value) => value.trim());
  for (const value of values) {
    if (known.has(value)) continue;
    const more = known.size > mostShown ? ` (and ${known.size - mostShown} more)` : '';
    // The closest number is no more likely to be meant than any other.
    const isNumber = /^[\d./]+$/.test(value);
    const shown = [...known].slice(0, mostShown);
    const remedy = isNumber ? `choose one of ${shown.join(', ')}${more}` : `${meantText(value, shown)}${more}`;
    throw new InvalidInputError(`--where ${text}: no ${things} of the sweep have "${value}"; ${remedy}`);
  }
  return values;
}

/**
 * @param texts `axis=value[,value…]`; the same axis again adds values
 * @param things what the items are called in messages: "cells", "weights"
 * @returns the items whose names match on every axis
 * @throws InvalidInputError for an axis or value that none of them has, suggesting the closest one
 */
export function choose<T>(items: readonly T[], namesOf: (item: T) => CellNames, texts: readonly string[], things: string): T[] {
  if (texts.length === 0) return [...items];
  const names = new Map(items.map((item) => [item, namesOf(item)]));
  const known = knownValues([...names.values()]);
  const wanted = new Map<Axis, string[]>();
  for (const text of texts) {
    const [, axis = '', values = ''] = /^\s*([^=\s]+)\s*=(.+)$/.exec(text) ?? [];
    if (axis === '')
      throw new InvalidInputError(`--where ${text}: expected axis=value, such as training=AT or epsilon=4/255,8/255`);
    checkedAxis(text, axis, known, things);
    const list = checkedValues(text, values, known.get(axis)!, things);
    wanted.set(axis as Axis, [...(wanted.get(axis as Axis) ?? []), ...list]);
  }
  return items.filter((item) =>
    [...wanted].every(([axis, values]) => names.get(item)?.[axis]?.some((name) => values.includes(name)) ?? false),
  );
}

/** The selected cells of a plan. @throws InvalidInputError as `choose` */
export function cellsWhere(plan: Plan, texts: readonly string[], kind?: Cell['kind']): Cell[] {
  const cells = [...plan.cells.values()].filter((cell) => kind === undefined || cell.kind === kind);
  return choose(cells, cellNames(plan), texts, kind === 'snapshot' ? 'weights' : 'cells');
}
