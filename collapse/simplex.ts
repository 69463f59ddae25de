/** NC2 and NC3: do the class means and the classifier weights each form a simplex, and is it the same one? */
import type { CentredMeans } from './class-means.ts';
import { mean, scalar, type MetricRecord } from './metric-record.ts';
import { distance, gramOf, norm } from './vectors.ts';

/** @param gram MᵀM [P, P] @param present original class indices [P] */
export function meansRecords(gram: Float64Array, present: readonly number[]): readonly MetricRecord[] {
  const cosines = cosinesOf(gram, present.length);
  return [
    ...scalar('nc2_equinorm_means', equinorm(gram, present.length)),
    ...scalar('nc2_equiangular_means', equiangular(cosines, present.length)),
    ...Array.from(cosines).flatMap((value, at) =>
      scalar('nc2_cosines', value).map((record) => ({
        ...record,
        row: present[Math.floor(at / present.length)]!,
        col: present[at % present.length]!,
      })),
    ),
  ];
}

/** NC2 of the weights covers all K classes; NC3 those present. @param weights [K, d] */
export function weightsRecords(weights: Float64Array, means: CentredMeans): readonly MetricRecord[] {
  const classes = weights.length / means.dimension;
  const gram = gramOf(weights, classes, means.dimension);
  return [
    ...scalar('nc2_equinorm_weights', equinorm(gram, classes)),
    ...scalar('nc2_equiangular_weights', equiangular(cosinesOf(gram, classes), classes)),
    ...scalar('nc3', selfDuality(weights, means)),
  ];
}

/** std/mean of the norms with ddof = 1. */
function equinorm(gram: Float64Array, n: number): number {
  const norms = Array.from({ length: n }, (_, i) => Math.sqrt(gram[i * n + i]!));
  const centre = mean(norms);
  const variance = norms.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (n - 1);
  return Math.sqrt(variance) / centre;
}

/** [n, n], exactly 1 on the diagonal; NaN beside a zero vector. */
function cosinesOf(gram: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const product = Math.sqrt(gram[i * n + i]!) * Math.sqrt(gram[j * n + j]!);
    return i === j && product > 0 ? 1 : gram[at]! / product;
  });
}

function equiangular(cosines: Float64Array, n: number): number {
  const deviations = Array.from(cosines, (c) => Math.abs(c + 1 / (n - 1)));
  return mean(deviations.filter((_, at) => Math.floor(at / n) !== at % n));
}

function selfDuality(weights: Float64Array, { present, centred, dimension }: CentredMeans): number {
  const rows = new Float64Array(centred.length);
  present.forEach((c, slot) => rows.set(weights.subarray(c * dimension, (c + 1) * dimension), slot * dimension));
  const [w, m] = [norm(rows), norm(centred)];
  return (
    distance(
      rows.map((x) => x / w),
      centred.map((x) => x / m),
    ) ** 2
  );
}
