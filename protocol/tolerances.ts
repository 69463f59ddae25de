/**
 * How far two results of one cell may lie apart where equality is not promised: other versions, threads or CPU type, or a GPU. Sums are then
 * added in another order, and what follows differs by rounding. The bounds are about two to three times the largest difference between wasm and
 * native-cpu, over all numbers of 90 evaluations of equal weights and of 6 trainings (a quickstart cut to 20 epochs and one seed). One and two
 * threads of native-cpu gave equal evaluations, and norms of trained weights 0.3 % apart.
 */
import type { attackScalars } from './attack-scalars.ts';
import type { MetricName } from './metrics.ts';

/** A difference passes when it is within one of the bounds. */
export interface Tolerance {
  /** What numbers it is for. */
  readonly of: string;
  /** In the metric's unit. */
  readonly absolute: number;
  /** Times the larger of the two. */
  readonly relative: number;
  /** Between 1/a and 1/b, for numbers that grow without bound where what they divide by vanishes. */
  readonly reciprocal?: number;
  readonly reason: string;
}

const given: Tolerance = { of: 'counts', absolute: 0, relative: 0, reason: 'whole numbers' };
const pixels: Tolerance = { of: 'pixels', absolute: 1e-6, relative: 0, reason: 'float32 rounding; measured: equal' };
const share: Tolerance = { of: 'shares', absolute: 0.02, relative: 0, reason: 'an example on a boundary falls to either side; measured: one example' }; // prettier-ignore
const cosine: Tolerance = { of: 'cosines', absolute: 0.01, relative: 0, reason: 'attacks step by signs, and those of gradients near 0 flip; measured: 0.0036' }; // prettier-ignore
const angle: Tolerance = { of: 'angles', absolute: 1, relative: 0, reason: 'as cosines; measured: 0.36°' };
const size: Tolerance = { of: 'sizes', absolute: 1e-4, relative: 0.02, reason: 'as cosines; measured: 0.9 %' };
const ratio: Tolerance = { ...size, of: 'sizes over distances of means', reciprocal: 1e-3, reason: 'noise where means coincide; measured: 31 %, at 0.0003 of 1/x' }; // prettier-ignore
const weights: Tolerance = { of: 'norms of weights', absolute: 0, relative: 0.02, reason: 'rounding grows over a training; measured: 0.8 %' }; // prettier-ignore

type ScalarName = (typeof attackScalars)[keyof typeof attackScalars] | 'epoch' | 'step' | 'weight_norm';

/** Every number that a result holds, by its name. */
const tolerances: Readonly<Record<MetricName | ScalarName, Tolerance>> = {
  ...{ epoch: given, step: given, weight_norm: weights },
  ...{ perturbation_max: pixels, pixel_min: pixels, pixel_max: pixels, zero_gradient_share: share },
  ...{ accuracy: share, loss: size },
  ...{ nc1: size, nc1_per_class: size, nc1_quotient: size, cdnv: ratio, separation: size },
  ...{ sigma_b_rank: given, sigma_b_condition: size },
  ...{ nc2_equinorm_means: size, nc2_equinorm_weights: size, nc2_equiangular_means: cosine, nc2_equiangular_weights: cosine },
  ...{ nc2_cosines: cosine, nc3: size },
  ...{ simplex_angle: angle, mean_angle: angle, mean_distance: size, split_half_angle: angle },
  ...{ nc4_own: share, nc4_clean: share, ncc_accuracy_clean_means: share, ncc_accuracy_own_means: share },
  ...{ adaptive_ncc_accuracy: share, leap_rate: share, leap_matrix: share },
  ...{ leap_cos_nearest: cosine, leap_cos_true: cosine, leap_example_cos_nearest: cosine, leap_example_cos_true: cosine },
};

/** A name that is not in the table may not differ at all. */
export const toleranceOf = (metric: string): Tolerance =>
  (tolerances as Readonly<Record<string, Tolerance | undefined>>)[metric] ?? given;

/** Largest difference that passes between two numbers; NaN when one of them is. */
export function allowedDifference({ absolute, relative, reciprocal }: Tolerance, a: number, b: number): number {
  const within = Math.max(absolute, relative * Math.max(Math.abs(a), Math.abs(b)));
  // |1/a − 1/b| ≤ r is the same as |a − b| ≤ r |a b|.
  return reciprocal === undefined ? within : Math.max(within, reciprocal * Math.abs(a * b));
}

/** E.g. "0.0001 or 2 %". */
export const toleranceText = ({ absolute, relative, reciprocal = 0 }: Tolerance): string =>
  [
    absolute > 0 || relative === 0 ? String(absolute) : '',
    relative > 0 ? `${100 * relative} %` : '',
    reciprocal > 0 ? `${reciprocal} of 1/x` : '',
  ]
    .filter(Boolean)
    .join(' or ');

/** Each tolerance with the names it is for. */
export const toleranceTable = (): ReadonlyMap<Tolerance, readonly string[]> =>
  new Map(
    [...Map.groupBy(Object.entries(tolerances), ([, tolerance]) => tolerance)].map(([tolerance, entries]) => [
      tolerance,
      entries.map(([name]) => name),
    ]),
  );
