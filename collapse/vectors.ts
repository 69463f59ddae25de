/** Products of rows of row-major matrices; offsets are in elements. */
export function dot(a: Float64Array, aOffset: number, b: Float64Array, bOffset: number, length: number): number {
  let sum = 0;
  for (let j = 0; j < length; j++) sum += a[aOffset + j]! * b[bOffset + j]!;
  return sum;
}

export const row = (matrix: Float64Array, index: number, length: number): Float64Array =>
  matrix.subarray(index * length, (index + 1) * length);

export const norm = (a: Float64Array): number => Math.sqrt(dot(a, 0, a, 0, a.length));

/** Euclidean distance. */
export function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j]! - b[j]!) ** 2;
  return Math.sqrt(sum);
}

/**
 * Angle in degrees, NaN when a vector is zero. Kahan's 2·atan2(‖a/|a| − b/|b|‖, ‖a/|a| + b/|b|‖): exact to rounding also near
 * 0° and 180°, where arccos of a rounded cosine loses half the digits.
 */
export function angleDegrees(a: Float64Array, b: Float64Array): number {
  const [na, nb] = [norm(a), norm(b)];
  if (na === 0 || nb === 0) return NaN;
  let [minus, plus] = [0, 0];
  for (let j = 0; j < a.length; j++) {
    const [u, v] = [a[j]! / na, b[j]! / nb];
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
