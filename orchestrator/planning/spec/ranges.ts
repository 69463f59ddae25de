/**
 * The small notations of the spec: integer ranges, exact budgets and their ranges. Pure; undefined or a reason when they are
 * invalid.
 */
import { add, compareRational, formatRational, parseRational, type Rational, rational } from '@ncsweep/protocol/rational';
import type { Epsilon } from '@ncsweep/catalog/sweep';

/** Maximum number of values in one range. */
export const maxValues = 10_000;

export type Expanded<T> = { readonly values: readonly T[] } | { readonly wrong: string; readonly meant?: string };

/** 3 → [3]; "1..3" → [1, 2, 3] */
export function expandIntegers(entry: number | string): Expanded<number> {
  const [first = NaN, last = first] = typeof entry === 'number' ? [entry] : entry.split('..').map(Number);
  if (last < first) return { wrong: `a range that goes up: "${last}..${first}"` };
  if (last - first >= maxValues) return { wrong: `at most ${maxValues} values` };
  return { values: Array.from({ length: last - first + 1 }, (_, i) => first + i) };
}

const zero = rational(0n, 1n);

/** Labels of a range keep the denominator of its start, so that "4/255..16/255 step 4/255" gives 8/255 and not its reduced form. */
function labelled(value: Rational, like: string): Epsilon {
  const den = /\/(\d+)$/.exec(like)?.[1];
  const scaled = den === undefined ? undefined : (value.num * BigInt(den)) / value.den;
  const isExact = scaled !== undefined && compareRational(rational(scaled, BigInt(den!)), value) === 0;
  return { label: isExact && scaled !== 0n ? `${scaled}/${den}` : plainText(value), value: formatRational(value) };
}

const plainText = ({ num, den }: Rational): string => (den === 1n ? String(num) : `${num}/${den}`);

const notAFraction = { wrong: 'a fraction such as "8/255", or a decimal of at most nine digits; the denominator is not zero' };

/** 0 → "0"; "8/255"; "4/255..16/255 step 4/255" */
export function expandEpsilons(entry: number | string): Expanded<Epsilon> {
  const text = String(entry).trim();
  const range = /^(.+?)\s*\.\.\s*(.+?)\s+step\s+(.+)$/.exec(text);
  if (range === null) {
    const value = parseRational(text);
    return value === undefined ? notAFraction : { values: [{ label: text, value: formatRational(value) }] };
  }
  const [first, last, step] = range.slice(1).map(parseRational);
  if (first === undefined || last === undefined || step === undefined) return notAFraction;
  if (compareRational(step, zero) === 0) return { wrong: 'a step above 0' };
  if (compareRational(last, first) < 0) return { wrong: `a range that goes up: "${range[2]}..${range[1]} step ${range[3]}"` };
  const values: Epsilon[] = [];
  let at = first;
  for (; compareRational(at, last) <= 0; at = add(at, step)) {
    if (values.length === maxValues) return { wrong: `at most ${maxValues} values` };
    values.push(labelled(at, range[1]!));
  }
  const end = values.at(-1)!;
  if (compareRational(parseRational(end.value)!, last) === 0) return { values };
  const [, start, , by] = range;
  const over = labelled(at, start!).label;
  return { wrong: `steps that meet the end: they reach ${end.label}, then ${over}`, meant: `${start}..${end.label} step ${by}` };
}
