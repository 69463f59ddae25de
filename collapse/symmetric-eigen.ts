/** Eigen-decomposition of small symmetric matrices by cyclic Jacobi rotations. */
export interface Eigen {
  /** Descending [n]. */
  readonly values: Float64Array;
  /** Row k is the unit eigenvector of value k [n, n]. */
  readonly vectors: Float64Array;
}

const maxSweeps = 60;

/** @param matrix symmetric [n, n]; not changed */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const tiny = Number.EPSILON ** 2 * a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < maxSweeps && offDiagonal(a, n) > tiny; sweep++) {
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, k) => vectors.set(v.subarray(from * n, (from + 1) * n), k * n));
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

/** Sum of squares above the diagonal. */
function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) sum += a[p * n + q]! ** 2;
  return sum;
}

/** Makes a[p,q] zero; the rows of v accumulate the eigenvectors. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p]!, a[k * n + q]!];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  turnRows(a, n, p, q, { c, s });
  turnRows(v, n, p, q, { c, s });
  a[p * n + q] = a[q * n + p] = 0;
}

function turnRows(m: Float64Array, n: number, p: number, q: number, { c, s }: { c: number; s: number }): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [m[p * n + k]!, m[q * n + k]!];
    m[p * n + k] = c * x - s * y;
    m[q * n + k] = s * x + c * y;
  }
}
