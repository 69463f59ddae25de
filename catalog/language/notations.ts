/**
 * How single values are written in a sweep. The `error` of a schema completes the sentence "expected …"; every list and string is bounded,
 * and the only unions are "integer or string" and "number or string". The API server checks the first, the orchestrator both.
 */
import { z } from 'zod';

export const name = z
  .string()
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/, {
    error: 'a name of at most 63 letters, digits, ".", "_" or "-", such as "pgd10"',
  });

const most = 1_000_000_000;
const upTo = `0 to ${most.toLocaleString('en-US')}`;

export function intOrString(pattern: RegExp, expected: string) {
  const error = { error: expected };
  return z.union([z.int(error).min(0, error).max(most, error), z.string(error).max(64, error).regex(pattern, error)], error);
}

/** YAML and JSON keep the digits of a short decimal, so that 0.1 is exactly 1/10. */
function numberOrString(pattern: RegExp, expected: string) {
  const error = { error: expected };
  return z.union([z.number(error).min(0, error).max(most, error), z.string(error).max(64, error).regex(pattern, error)], error);
}

/** A list of 1 to `longest` entries. */
export const axis = <T extends z.ZodType>(entry: T, longest: number) => z.array(entry).min(1).max(longest);

const fractionText = String.raw`\d{1,9}(/\d{1,9}|\.\d{1,9})?`;

export const integers = (what: string) =>
  intOrString(/^\d{1,9}(\.\.\d{1,9})?$/, `${what}: a whole number from ${upTo}, or a range such as "1..3"`);

export const epoch = intOrString(
  /^(last|snapshots|\d{1,9}(\.\.\d{1,9})?)$/,
  `an epoch: a whole number from ${upTo}, a range such as "1..5", last or snapshots`,
);

export const epsilon = numberOrString(
  new RegExp(String.raw`^${fractionText}(\s*\.\.\s*${fractionText}\s+step\s+${fractionText})?$`),
  'a budget in [0,1] pixel units: "8/255", 0.03, or a range such as "4/255..16/255 step 4/255"',
);

export const budget = numberOrString(new RegExp(`^${fractionText}$`), 'a budget in [0,1] pixel units such as "8/255"');

export const stepSize = numberOrString(
  new RegExp(String.raw`^(eps(\s*/\s*\d{1,9})?|${fractionText}(\s*\*\s*eps)?)$`),
  'a step size: "2/255", or a fraction of the budget such as "eps/4" or "5/6*eps"',
);

const notNegative = { error: `a number from ${upTo}, such as 0.1` };
export const decimal = z.union(
  [
    z.number(notNegative).min(0, notNegative).max(most, notNegative),
    z
      .string(notNegative)
      .max(32, notNegative)
      .regex(/^\d{1,9}(\.\d{1,12})?(e-?\d{1,2})?$/, notNegative),
  ],
  notNegative,
);
