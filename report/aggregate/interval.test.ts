import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holm, oneSided, seedsNeeded, sideOf, summarise } from './interval.ts';

describe('summarise', () => {
  it('is the textbook t interval', () => {
    const interval = summarise([1, 2, 3], 'linear', 0.95);
    expect(interval?.mean).toBe(2);
    expect(interval?.bounds?.[0]).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5);
    expect(interval?.bounds?.[1]).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 5);
  });

  it('is geometric on a log scale', () => {
    const interval = summarise([1, 100], 'log', 0.95);
    expect(interval?.mean).toBeCloseTo(10, 10);
    expect(interval!.bounds![0] * interval!.bounds![1]).toBeCloseTo(100, 6);
  });

  it('survives one value, equal values, zeros and missing numbers', () => {
    expect(summarise([0.4], 'linear', 0.95)).toMatchObject({ n: 1, mean: 0.4 });
    expect(summarise([0.4], 'linear', 0.95)?.bounds).toBeUndefined();
    expect(summarise([0.1, 0.1, 0.1], 'linear', 0.95)).toMatchObject({ deviation: 0 });
    expect(summarise([0, 0], 'log', 0.95)?.mean).toBeCloseTo(1e-12, 20);
    expect(summarise([Number.NaN, 2, Infinity], 'linear', 0.95)).toMatchObject({ n: 1, mean: 2 });
    expect(summarise([Number.NaN], 'linear', 0.95)).toBeUndefined();
  });

  it('leaves zero exactly when the two-sided p-value is below the level', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 8 }), (values) => {
        const interval = summarise(values, 'linear', 0.95)!;
        const p = Math.min(oneSided(interval, 1)!, oneSided(interval, -1)!);
        if (Math.abs(p - 0.025) > 1e-9) expect(sideOf(interval) !== 0).toBe(p < 0.025);
      }),
    ));
});

describe('seedsNeeded', () => {
  it('grows with the spread and is silent on the wrong side', () => {
    const near = summarise([1, 2, 3], 'linear', 0.95)!;
    expect(seedsNeeded(near, 1, 0.95)).toBe(4);
    expect(seedsNeeded(summarise([0, 2, 4], 'linear', 0.95)!, 1, 0.95)).toBe(7);
    expect(seedsNeeded(near, -1, 0.95)).toBeUndefined();
  });
});

describe('holm', () => {
  it('is the step-down adjustment', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([])).toEqual([]);
  });
  it('never lowers a p-value', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (ps) =>
        holm(ps).every((adjusted, i) => adjusted >= ps[i]!),
      ),
    ));
});
