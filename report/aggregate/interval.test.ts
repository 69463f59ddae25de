import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { intervalOf, seedsNeeded, shareInterval, sideOf, simultaneous, toScale, within, type Scale } from './interval.ts';

const spread = { confidence: 0.95 };
const intervalOn = (scale: Scale, ...values: readonly number[]) =>
  intervalOf(
    values.map((v) => toScale(v, scale)),
    scale,
    spread,
  );

describe('intervalOf', () => {
  it('is the textbook t interval', () => {
    const interval = intervalOn('linear', 1, 2, 3);
    expect(interval?.mean).toBe(2);
    expect(interval?.bounds?.[0]).toBeCloseTo(2 - 4.302653 / Math.sqrt(3), 5);
    expect(interval?.bounds?.[1]).toBeCloseTo(2 + 4.302653 / Math.sqrt(3), 5);
  });

  it('is geometric on a log scale', () => {
    const interval = intervalOn('log', 1, 100);
    expect(interval?.mean).toBeCloseTo(10, 10);
    expect(interval!.bounds![0] * interval!.bounds![1]).toBeCloseTo(100, 6);
  });

  it('has no bounds for one value, and nothing for none', () => {
    expect(intervalOn('linear', 0.4)).toMatchObject({ n: 1, mean: 0.4 });
    expect(intervalOn('linear', 0.4)?.bounds).toBeUndefined();
    expect(intervalOn('linear')).toBeUndefined();
  });

  it('takes equal seeds for no more certain than a single value is', () => {
    const interval = intervalOf([0.1, 0.1, 0.1], 'linear', { confidence: 0.95, error: 0.02 });
    expect(interval?.bounds?.[0]).toBeCloseTo(0.1 - (4.302653 * 0.02) / Math.sqrt(3), 5);
    expect(intervalOf([1, 2, 3], 'linear', { confidence: 0.95, error: 0.02 })).toEqual(intervalOn('linear', 1, 2, 3));
  });

  it('narrows with confidence and with seeds', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 8 }), (values) => {
        const [narrow, wide] = [0.9, simultaneous(0.9, 5)].map((confidence) =>
          intervalOf(values, 'linear', { confidence, error: 0.1 })!,
        );
        expect(wide!.bounds![0]).toBeLessThan(narrow!.bounds![0]);
        if (sideOf(wide!) !== 0) expect(sideOf(narrow!)).toBe(sideOf(wide!));
      }),
    ));
});

describe('shareInterval', () => {
  /** Shares of a thousand examples. */
  const shares = fc.array(
    fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000),
    { minLength: 2, maxLength: 8 },
  );

  it('lies within [0, 1], holds the mean, and mirrors when shares do', () =>
    fc.assert(
      fc.property(shares, fc.double({ min: 0, max: 0.2, noNaN: true }), (values, error) => {
        const { bounds, mean } = shareInterval(values, { confidence: 0.95, error })!;
        expect(bounds![0]).toBeGreaterThanOrEqual(0);
        expect(bounds![1]).toBeLessThanOrEqual(1);
        expect(bounds![0]).toBeLessThanOrEqual(mean);
        expect(bounds![1]).toBeGreaterThanOrEqual(mean);
        const mirrored = shareInterval(
          values.map((v) => 1 - v),
          { confidence: 0.95, error },
        )!.bounds!;
        expect(mirrored[0]).toBeCloseTo(1 - bounds![1], 9);
        expect(mirrored[1]).toBeCloseTo(1 - bounds![0], 9);
      }),
    ));

  it('is that of t where shares are far from both ends and close together', () => {
    const values = [0.5, 0.51, 0.52];
    const [low, high] = shareInterval(values, spread)!.bounds!;
    expect(low).toBeCloseTo(intervalOn('linear', ...values)!.bounds![0], 4);
    expect(high).toBeCloseTo(intervalOn('linear', ...values)!.bounds![1], 4);
  });

  it('has no point for an interval when all shares are 1', () => {
    const { bounds, mean } = shareInterval([1, 1, 1], { confidence: 0.95, error: 1 / 400 })!;
    expect(mean).toBe(1);
    expect(bounds![1]).toBe(1);
    expect(bounds![0]).toBeGreaterThan(0.9);
    expect(bounds![0]).toBeLessThan(1 - 1 / 400);
  });
});

describe('shareInterval of differences', () => {
  const share = fc.integer({ min: 0, max: 500 }).map((n) => n / 500);
  const pairs = fc.array(fc.tuple(share, share), { minLength: 2, maxLength: 8 });
  const known = { confidence: 0.95, error: Math.SQRT2 / 500 };

  it('lies within [−1, 1], holds the mean, and turns about zero when the sides are exchanged', () =>
    fc.assert(
      fc.property(pairs, (seeds) => {
        const { bounds, mean } = shareInterval(
          seeds.map(([a, b]) => a - b),
          known,
          [-1, 1],
        )!;
        expect(bounds![0]).toBeGreaterThanOrEqual(-1);
        expect(bounds![1]).toBeLessThanOrEqual(1);
        expect(bounds![0]).toBeLessThanOrEqual(mean);
        expect(bounds![1]).toBeGreaterThanOrEqual(mean);
        const turned = shareInterval(
          seeds.map(([a, b]) => b - a),
          known,
          [-1, 1],
        )!.bounds!;
        expect(turned[0]).toBeCloseTo(-bounds![1], 9);
        expect(turned[1]).toBeCloseTo(-bounds![0], 9);
      }),
    ));

  it('is the paired t interval where differences are small and alike', () => {
    const [low, high] = shareInterval([0.1, 0.11, 0.12], known, [-1, 1])!.bounds!;
    expect(low).toBeCloseTo(intervalOn('linear', 0.1, 0.11, 0.12)!.bounds![0], 4);
    expect(high).toBeCloseTo(intervalOn('linear', 0.1, 0.11, 0.12)!.bounds![1], 4);
  });

  it('is the interval of the shares, moved, where a constant is subtracted', () => {
    const shares = [0.9, 0.97, 1];
    const moved = shareInterval(
      shares.map((v) => v - 0.2),
      spread,
      [-0.2, 0.8],
    )!;
    shareInterval(shares, spread)!.bounds!.forEach((bound, i) => expect(moved.bounds![i]).toBeCloseTo(bound - 0.2, 9));
  });
});

describe('within', () => {
  it('cuts off what no value can be, and nothing else', () => {
    expect(within(intervalOn('linear', 0.9, 1, 1)!, [0, 1]).bounds?.[1]).toBe(1);
    expect(within(intervalOn('linear', 0.5, 0.51, 0.52)!, [0, 1])).toEqual(intervalOn('linear', 0.5, 0.51, 0.52));
  });
});

describe('seedsNeeded', () => {
  it('grows with the spread, is at least three, and is silent on the wrong side', () => {
    const near = intervalOn('linear', 1, 2, 3)!;
    expect(seedsNeeded(near, 1, 0.95)).toBe(4);
    expect(seedsNeeded(intervalOn('linear', 0, 2, 4)!, 1, 0.95)).toBe(7);
    expect(seedsNeeded(intervalOn('linear', 2, 2, 2)!, 1, 0.95)).toBe(3);
    expect(seedsNeeded(near, -1, 0.95)).toBeUndefined();
  });
});
