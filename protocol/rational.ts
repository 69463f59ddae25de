import { z } from 'zod';

/** An exact non-negative rational in lowest terms, e.g. an attack budget in [0,1] pixel units. */
export interface Rational {
  readonly num: bigint;
  readonly den: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/** @throws RangeError when den is not positive or num is negative */
export function rational(num: bigint, den: bigint): Rational {
  if (den <= 0n || num < 0n) throw new RangeError(`not a non-negative fraction: ${num.toString()}/${den.toString()}`);
  const g = gcd(num, den);
  return { num: num / g, den: den / g };
}

/** Decimals have at most nine digits on each side; fractions may be longer, because sums and decimals in canonical form are. */
const pattern = /^(?:(\d{1,9})(?:\.(\d{1,9}))?|(\d{1,60})\/(\d{1,60}))$/;

/** Reads "8/255", "0", "0.03" exactly; undefined for any other form and for a zero denominator. */
export function parseRational(text: string): Rational | undefined {
  const match = pattern.exec(text.trim());
  if (!match) return undefined;
  const [, whole = '0', decimals, num = '0', den] = match;
  if (den !== undefined) return BigInt(den) === 0n ? undefined : rational(BigInt(num), BigInt(den));
  if (decimals === undefined) return rational(BigInt(whole), 1n);
  return rational(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
}

/** Canonical form "p/q" in lowest terms ("0/1", "8/255"), which enters cell ids. */
export const formatRational = (r: Rational): string => `${r.num.toString()}/${r.den.toString()}`;

export const toNumber = (r: Rational): number => Number(r.num) / Number(r.den);

export function compareRational(a: Rational, b: Rational): number {
  const d = a.num * b.den - b.num * a.den;
  return d < 0n ? -1 : d > 0n ? 1 : 0;
}

export const multiply = (a: Rational, b: Rational): Rational => rational(a.num * b.num, a.den * b.den);
export const add = (a: Rational, b: Rational): Rational => rational(a.num * b.den + b.num * a.den, a.den * b.den);

/** Schema of the canonical form. */
export const fraction = z.string().regex(/^\d+\/[1-9]\d*$/);
