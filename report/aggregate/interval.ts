/** Turns one number per seed into a mean with a t interval; on a log scale the mean is geometric and the bounds are ratios. */
import { fewestSeeds } from '@ncsweep/catalog/claims/decidable';
import { quantile } from './student-t.ts';

export type Scale = 'log' | 'linear';

/** Smallest value whose logarithm is taken; an exact zero of float arithmetic counts as this. */
export const logFloor = 1e-12;

export interface Interval {
  /** Independently trained models. */
  readonly n: number;
  readonly mean: number;
  /** Absent when n = 1. */
  readonly bounds?: readonly [number, number];
  /** Mean and standard deviation (n − 1) on the scale of the test: logarithms on a log scale. */
  readonly centre: number;
  readonly deviation: number;
  readonly scale: Scale;
}

export const toScale = (value: number, scale: Scale): number => (scale === 'log' ? Math.log(Math.max(value, logFloor)) : value);
const fromScale = (value: number, scale: Scale): number => (scale === 'log' ? Math.exp(value) : value);

export interface Spread {
  readonly confidence: number;
  /** Standard error of a single value on the scale of the test. Seeds that agree more closely than this do so by chance. */
  readonly error?: number;
}

/** @param values finite, already on the scale of the test (`toScale`), one per seed; undefined for none */
export function intervalOf(values: readonly number[], scale: Scale, { confidence, error = 0 }: Spread): Interval | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const centre = values.reduce((a, b) => a + b, 0) / n;
  const mean = fromScale(centre, scale);
  if (n === 1) return { n, mean, centre, deviation: error, scale };
  const deviation = Math.max(error, Math.sqrt(values.reduce((a, v) => a + (v - centre) ** 2, 0) / (n - 1)));
  const half = (quantile((1 + confidence) / 2, n - 1) * deviation) / Math.sqrt(n);
  return { n, mean, bounds: [fromScale(centre - half, scale), fromScale(centre + half, scale)], centre, deviation, scale };
}

const clamped = (share: number): number => Math.min(1, Math.max(0, share));
/** Angle of a share, whose spread hardly depends on the share (Anscombe 1948). */
const angleOf = (share: number): number => Math.asin(Math.sqrt(clamped(share)));
const shareOf = (angle: number): number => Math.sin(Math.min(Math.PI / 2, Math.max(0, angle))) ** 2;

/** A share's error as an error of its angle: the larger of the two sides. */
function angleError(share: number, error: number): number {
  const [below, at, above] = [share - error, share, share + error].map(angleOf) as [number, number, number];
  return Math.max(at - below, above - at);
}

/** The values that a number can take. */
export type Range = readonly [least: number, most: number];

/**
 * Interval of shares over seeds, or of differences of shares: a t interval of arcsin √share, transformed back, so that it lies within the
 * range and reflects the spread of seeds, even near its ends. A difference counts as a share of its range: (1 + d)/2 for two shares, and the
 * share itself where a constant is subtracted. The mean stays the mean of the values. Centre and deviation are those of the values.
 * @param values in the range, one per seed; undefined for none
 */
export function shareInterval(
  values: readonly number[],
  { confidence, error = 0 }: Spread,
  [least, most]: Range = [0, 1],
): Interval | undefined {
  const plain = intervalOf(values, 'linear', { confidence, error });
  if (plain?.bounds === undefined) return plain;
  const width = most - least;
  const share = (value: number): number => clamped((value - least) / width);
  const angles = intervalOf(
    values.map((v) => angleOf(share(v))),
    'linear',
    { confidence, error: angleError(share(plain.mean), error / width) },
  )!;
  const [low = least, high = most] = angles.bounds?.map((angle) => least + width * shareOf(angle)) ?? [];
  return { ...plain, bounds: [Math.min(low, plain.mean), Math.max(high, plain.mean)] };
}

/** The interval without impossible values, such as an accuracy above 1 or an angle below 0. Its coverage stays the same. */
export function within(interval: Interval, [least, most]: Range): Interval {
  if (interval.bounds === undefined) return interval;
  const inside = (v: number): number => Math.min(most, Math.max(least, v));
  return { ...interval, bounds: [inside(interval.bounds[0]), inside(interval.bounds[1])] };
}

/** Confidence of each of several intervals that are to hold jointly (Bonferroni). */
export const simultaneous = (confidence: number, looks: number): number => 1 - (1 - confidence) / Math.max(1, looks);

/** The value of "no difference": ratio 1, difference 0. */
export const nothing = (scale: Scale): number => (scale === 'log' ? 1 : 0);

/** 1 or −1 when the whole interval lies on that side of no difference, else 0; 0 for n = 1. */
export function sideOf(interval: Interval): -1 | 0 | 1 {
  if (interval.bounds === undefined) return 0;
  const [low, high] = interval.bounds;
  const none = nothing(interval.scale);
  return low > none ? 1 : high < none ? -1 : 0;
}

const mostSeeds = 1000;

/** Roughly how many seeds until the interval excludes no difference, if mean and spread stay; undefined when more seeds cannot help. */
export function seedsNeeded(interval: Interval, side: -1 | 1, confidence: number): number | undefined {
  const distance = interval.centre * side;
  if (distance <= 0 || interval.n < 2) return undefined;
  for (let n = fewestSeeds; n <= mostSeeds; n += 1) {
    if ((quantile((1 + confidence) / 2, n - 1) * interval.deviation) / Math.sqrt(n) < distance) return n;
  }
  return undefined;
}
