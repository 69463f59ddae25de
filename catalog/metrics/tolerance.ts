/**
 * How far two results of one cell may differ where equality is not promised: other versions, threads or CPU type, or a GPU. Sums are then
 * added in another order, and everything computed from them differs by rounding. The bounds are about two to three times the largest
 * difference between wasm and native-cpu, over all numbers of 90 evaluations of equal weights and of 6 trainings (a quickstart cut to 20
 * epochs and one seed). One and two threads of native-cpu gave equal evaluations, and norms of trained weights that differed by 0.3 %.
 */
/** A difference passes when it is within one of the bounds. */
export interface Tolerance {
  /** The numbers that it applies to. */
  readonly of: string;
  /** In the metric's unit. */
  readonly absolute: number;
  /** As a fraction of the larger of the two. */
  readonly relative: number;
  /** Bound on |1/a − 1/b|, for numbers that grow without bound as their denominator vanishes. */
  readonly reciprocal?: number;
  readonly reason: string;
}

const size: Tolerance = { of: 'sizes', absolute: 1e-4, relative: 0.02, reason: 'as cosines; measured: 0.9 %' };

export const tolerances = {
  given: { of: 'counts', absolute: 0, relative: 0, reason: 'whole numbers' },
  pixels: { of: 'pixels', absolute: 1e-6, relative: 0, reason: 'float32 rounding; measured: equal' },
  share: {
    of: 'shares',
    absolute: 0.02,
    relative: 0,
    reason: 'an example on a boundary falls to either side; measured: one example',
  },
  cosine: {
    of: 'cosines',
    absolute: 0.01,
    relative: 0,
    reason: 'attacks step by signs, and those of gradients near 0 flip; measured: 0.0036',
  },
  angle: { of: 'angles', absolute: 1, relative: 0, reason: 'as cosines; measured: 0.36°' },
  size,
  ratio: {
    ...size,
    of: 'sizes divided by distances of means',
    reciprocal: 1e-3,
    reason: 'noise where means coincide; measured: 31 %, at 0.0003 of 1/x',
  },
  weights: { of: 'norms of weights', absolute: 0, relative: 0.02, reason: 'rounding grows over a training; measured: 0.8 %' },
} as const satisfies Readonly<Record<string, Tolerance>>;

/** Largest difference between two numbers that passes; NaN if either is NaN. */
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
