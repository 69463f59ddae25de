import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetric-eigen.ts';

const symmetric = (n: number, entries: readonly number[]): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return entries[Math.min(i, j) * n + Math.max(i, j)]!;
  });

/** Largest entry of A − Σ λ_k v_k v_kᵀ. */
function residual(matrix: Float64Array, n: number): number {
  const { values, vectors } = symmetricEigen(matrix, n);
  const entry = (at: number): number =>
    values.reduce((sum, value, k) => sum + value * vectors[k * n + Math.floor(at / n)]! * vectors[k * n + (at % n)]!, 0);
  return Math.max(...Array.from(matrix, (x, at) => Math.abs(x - entry(at))));
}

describe('symmetricEigen', () => {
  it('knows [[2,1],[1,2]]', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect(values[0]).toBeCloseTo(3, 14);
    expect(values[1]).toBeCloseTo(1, 14);
    expect(Math.abs(vectors[0]! * vectors[1]!)).toBeCloseTo(0.5, 14);
  });

  it('rebuilds any symmetric matrix, values descending', () => {
    const matrices = fc
      .integer({ min: 1, max: 8 })
      .chain((n) =>
        fc
          .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n })
          .map((e) => ({ n, matrix: symmetric(n, e) })),
      );
    fc.assert(
      fc.property(matrices, ({ n, matrix }) => {
        expect(residual(matrix, n)).toBeLessThan(1e-13);
        const { values } = symmetricEigen(matrix, n);
        expect(Array.from(values)).toEqual(Array.from(values).sort((a, b) => b - a));
      }),
    );
  });

  it('handles 100 classes with all but one eigenvalue equal', () => {
    const n = 100;
    const gram = Float64Array.from({ length: n * n }, (_, at) => (Math.floor(at / n) === at % n ? 1 : -1 / (n - 1)));
    const { values } = symmetricEigen(gram, n);
    expect(values[0]! - values[n - 2]!).toBeLessThan(1e-12);
    expect(Math.abs(values[n - 1]!)).toBeLessThan(1e-12);
  });
});
