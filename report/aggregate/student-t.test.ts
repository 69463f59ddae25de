import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantile, upperTail } from './student-t.ts';

describe('quantile', () => {
  // Closed forms: df = 1 is tan(pi (p − 1/2)); df = 2 is (2p − 1) sqrt(2 / (4p(1 − p))); the others are the printed tables.
  it.each([
    [0.975, 1, Math.tan(Math.PI * 0.475)],
    [0.975, 2, 0.95 * Math.sqrt(2 / (4 * 0.975 * 0.025))],
    [0.995, 2, 0.99 * Math.sqrt(2 / (4 * 0.995 * 0.005))],
  ])('p = %d, df = %d is exact', (p, df, expected) => expect(quantile(p, df) / expected).toBeCloseTo(1, 11));

  it.each([
    [0.975, 3, 3.1824],
    [0.975, 4, 2.7764],
    [0.975, 9, 2.2622],
    [0.975, 29, 2.0452],
    [0.95, 5, 2.015],
    [0.995, 10, 3.1693],
    [0.975, 1e6, 1.96],
  ])('p = %d, df = %d is the table value', (p, df, expected) => expect(quantile(p, df)).toBeCloseTo(expected, 3));

  it('inverts the distribution function', () =>
    fc.assert(
      fc.property(fc.double({ min: 0.51, max: 0.9999, noNaN: true }), fc.integer({ min: 1, max: 200 }), (p, df) => {
        expect(1 - upperTail(quantile(p, df), df)).toBeCloseTo(p, 10);
      }),
    ));
});

describe('upperTail', () => {
  it('is symmetric and one half at zero', () => {
    expect(upperTail(0, 7)).toBeCloseTo(0.5, 12);
    expect(upperTail(-2, 7) + upperTail(2, 7)).toBeCloseTo(1, 12);
    expect(upperTail(Infinity, 2)).toBe(0);
  });
});
