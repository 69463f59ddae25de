import { largestMagnitude, scaled, scaleExponent, timesPowerOfTwo } from './power-scale.ts';

/**
 * Dot product of two rows of row-major matrices; offsets are in elements. It keeps four partial sums, because a single one would wait for
 * each addition.
 */
export function dot(a: Float64Array, aOffset: number, b: Float64Array, bOffset: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    s0 += a[aOffset + j]! * b[bOffset + j]!;
    s1 += a[aOffset + j + 1]! * b[bOffset + j + 1]!;
    s2 += a[aOffset + j + 2]! * b[bOffset + j + 2]!;
    s3 += a[aOffset + j + 3]! * b[bOffset + j + 3]!;
  }
  for (; j < length; j++) s0 += a[aOffset + j]! * b[bOffset + j]!;
  return s0 + s1 + (s2 + s3);
}

export const row = (matrix: Float64Array, index: number, length: number): Float64Array =>
  matrix.subarray(index * length, (index + 1) * length);

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, 0, a, 0, a.length));

/** Euclidean distance. */
export function distance(a: Float64Array, b: Float64Array): number {
  const differences = a.map((x, j) => x - b[j]!);
  const exponent = scaleExponent(largestMagnitude(differences), 0);
  let sum = 0;
  for (const x of scaled(differences, exponent)) sum += x ** 2;
  return timesPowerOfTwo(Math.sqrt(sum), -exponent);
}

/** The same direction, scaled so that its squares fit float64. */
const inRange = (a: Float64Array): Float64Array => scaled(a, scaleExponent(largestMagnitude(a), 0));

/**
 * Angle in degrees, NaN when a vector is zero. Kahan's 2·atan2(‖a/|a| − b/|b|‖, ‖a/|a| + b/|b|‖): exact up to rounding, even near
 * 0° and 180°, where arccos of a rounded cosine loses half the digits.
 */
export function angleDegrees(first: Float64Array, second: Float64Array): number {
  const [a, b] = [inRange(first), inRange(second)];
  const [na, nb] = [norm(a), norm(b)];
  if (na === 0 || nb === 0) return NaN;
  const [scaleA, scaleB] = [1 / na, 1 / nb];
  let minus = 0;
  let plus = 0;
  for (let j = 0; j < a.length; j++) {
    const u = a[j]! * scaleA;
    const v = b[j]! * scaleB;
    minus += (u - v) ** 2;
    plus += (u + v) ** 2;
  }
  return (2 * Math.atan2(Math.sqrt(minus), Math.sqrt(plus)) * 180) / Math.PI;
}

/** [n, n] products of all pairs of rows. @param rows [n, length] */
export function gramOf(rows: Float64Array, n: number, length: number): Float64Array {
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      gram[i * n + j] = gram[j * n + i] = dot(rows, i * length, rows, j * length, length);
    }
  }
  return gram;
}
