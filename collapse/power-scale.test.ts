import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largestMagnitude, scaled, scaleExponent, timesPowerOfTwo } from './power-scale.ts';
import { angleDegrees, distance } from './vectors.ts';

const number = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
const anySize = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('a power of two', () => {
  it('changes no digit, and its inverse undoes it', () => {
    fc.assert(
      fc.property(number, fc.integer({ min: -1000, max: 1000 }), (x, k) => {
        expect(timesPowerOfTwo(timesPowerOfTwo(x, k), -k)).toBe(x);
      }),
    );
    expect(timesPowerOfTwo(Number.MIN_VALUE, 2000)).toBe(2 ** 926);
  });

  it('brings every number into the range in which fourth powers are normal, and leaves alone what lies there', () => {
    fc.assert(
      fc.property(anySize, (x) => {
        fc.pre(x !== 0);
        const size = Math.abs(timesPowerOfTwo(x, scaleExponent(Math.abs(x), 0)));
        expect(size).toBeGreaterThanOrEqual(2 ** -200);
        expect(size).toBeLessThanOrEqual(2 ** 200);
      }),
    );
    for (const size of [0, 2 ** -200, 1e-45, 1, 3.4e38, 2 ** 200]) expect(scaleExponent(size, 0), `${size}`).toBe(0);
    expect(scaleExponent(1, 1e-70)).toBe(200);
    const values = Float64Array.of(1, 2);
    expect(scaled(values, 0)).toBe(values);
  });

  it('is chosen by the largest magnitude, which tells of NaN and infinity', () => {
    expect(largestMagnitude(Float64Array.of(1, -3, 2))).toBe(3);
    expect(largestMagnitude(Float64Array.of())).toBe(0);
    expect(largestMagnitude(Float64Array.of(1, -Infinity, 2))).toBe(Infinity);
    expect(largestMagnitude(Float64Array.of(1, NaN, 2))).toBeNaN();
  });
});

describe('angles and distances', () => {
  const vector = fc.array(number, { minLength: 3, maxLength: 3 }).map((xs) => Float64Array.from(xs));
  const exponent = fc.integer({ min: -990, max: 990 });

  it('are those of vectors of ordinary size, at any size', () => {
    fc.assert(
      fc.property(vector, vector, exponent, (a, b, k) => {
        const [x, y] = [scaled(a, k), scaled(b, k)];
        expect(distance(x, y)).toBe(timesPowerOfTwo(distance(a, b), k));
        expect(angleDegrees(x, b)).toBe(angleDegrees(a, b));
        expect(angleDegrees(x, y)).toBe(angleDegrees(a, b));
      }),
    );
    expect(distance(Float64Array.of(1e-200), Float64Array.of(0))).toBe(1e-200);
    expect(distance(Float64Array.of(1, 2), Float64Array.of(1, 2))).toBe(0);
  });
});
