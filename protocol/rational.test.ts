import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, compareRational, formatRational, multiply, parseRational, toNumber } from './rational.ts';

describe('rational', () => {
  it.each([
    ['8/255', '8/255'],
    ['16/510', '8/255'],
    ['0', '0/1'],
    ['0/7', '0/1'],
    ['0.03', '3/100'],
    ['1', '1/1'],
    [' 2/4 ', '1/2'],
  ])('reads %j as %s', (text, canonical) => {
    expect(formatRational(parseRational(text)!)).toBe(canonical);
  });

  it.each(['8/0', '-1/255', 'eps', '', '1/2/3', '1e-3', 'NaN', '.5', '9999999999'])('refuses %j', (text) => {
    expect(parseRational(text)).toBeUndefined();
  });

  const positive = fc.integer({ min: 1, max: 999_999 });
  const fraction = fc.tuple(fc.integer({ min: 0, max: 999_999 }), positive);

  it('is one value however it is written', () => {
    fc.assert(
      fc.property(fraction, fc.integer({ min: 1, max: 999 }), ([num, den], k) => {
        const a = parseRational(`${num}/${den}`)!;
        const b = parseRational(`${num * k}/${den * k}`)!;
        expect(formatRational(a)).toBe(formatRational(b));
        expect(toNumber(a)).toBe(num / den);
      }),
    );
  });

  it('reads what it writes', () => {
    const decimal = fc.tuple(fc.nat(999_999_999), fc.nat(999_999_999));
    fc.assert(
      fc.property(decimal, decimal, ([a, b], [c, d]) => {
        const sum = add(parseRational(`${a}.${String(b).padStart(9, '0')}`)!, parseRational(`${c}/${d + 1}`)!);
        expect(parseRational(formatRational(sum))).toEqual(sum);
      }),
    );
  });

  it('orders, adds and multiplies exactly', () => {
    fc.assert(
      fc.property(fraction, fraction, ([an, ad], [bn, bd]) => {
        const a = parseRational(`${an}/${ad}`)!;
        const b = parseRational(`${bn}/${bd}`)!;
        expect(Math.sign(compareRational(a, b))).toBe(Math.sign(an * bd - bn * ad));
        expect(formatRational(add(a, b))).toBe(formatRational(parseRationalBig(an * bd + bn * ad, ad * bd)));
        expect(formatRational(multiply(a, b))).toBe(formatRational(parseRationalBig(an * bn, ad * bd)));
      }),
    );
  });
});

/** Products of six-digit numbers stay exact in a double. */
function parseRationalBig(num: number, den: number): { num: bigint; den: bigint } {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  const g = gcd(num, den);
  return { num: BigInt(num / g), den: BigInt(den / g) };
}
