/** One number a seed becomes a mean with a t interval; on a log scale the mean is geometric and the bounds are ratios. */
import { quantile, upperTail } from './student-t.ts';

export type Scale = 'log' | 'linear';

/** Smallest value a logarithm is taken of: an exact zero of float arithmetic counts as this. */
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

/** @param values finite, already on the scale of the test (`toScale`), one a seed; undefined for none */
export function intervalOf(values: readonly number[], scale: Scale, confidence: number): Interval | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  const centre = values.reduce((a, b) => a + b, 0) / n;
  const mean = fromScale(centre, scale);
  if (n === 1) return { n, mean, centre, deviation: 0, scale };
  // Equal values have no spread; without this, rounding in the mean would leave a spurious one.
  const equal = values.every((v) => v === values[0]);
  const deviation = equal ? 0 : Math.sqrt(values.reduce((a, v) => a + (v - centre) ** 2, 0) / (n - 1));
  const half = (quantile((1 + confidence) / 2, n - 1) * deviation) / Math.sqrt(n);
  return { n, mean, bounds: [fromScale(centre - half, scale), fromScale(centre + half, scale)], centre, deviation, scale };
}

export const summarise = (values: readonly number[], scale: Scale, confidence: number): Interval | undefined =>
  intervalOf(
    values.filter(Number.isFinite).map((v) => toScale(v, scale)),
    scale,
    confidence,
  );

/** The value of "no difference": ratio 1, difference 0. */
export const nothing = (scale: Scale): number => (scale === 'log' ? 1 : 0);

/** 1 or −1 when the whole interval lies on that side of no difference, else 0; 0 for n = 1. */
export function sideOf(interval: Interval): -1 | 0 | 1 {
  if (interval.bounds === undefined) return 0;
  const [low, high] = interval.bounds;
  const none = nothing(interval.scale);
  return low > none ? 1 : high < none ? -1 : 0;
}

/** One-sided p-value of "the mean lies on `side` of no difference"; undefined for n = 1. */
export function oneSided(interval: Interval, side: -1 | 1): number | undefined {
  if (interval.n === 1) return undefined;
  const towards = interval.centre * side;
  if (interval.deviation === 0) return towards > 0 ? 0 : 1;
  return upperTail((towards * Math.sqrt(interval.n)) / interval.deviation, interval.n - 1);
}

const mostSeeds = 1000;

/** Roughly how many seeds until the interval leaves no difference, if mean and spread stay; undefined when more seeds cannot help. */
export function seedsNeeded(interval: Interval, side: -1 | 1, confidence: number): number | undefined {
  const distance = interval.centre * side;
  if (distance <= 0 || interval.n < 2) return undefined;
  for (let n = 2; n <= mostSeeds; n += 1) {
    if ((quantile((1 + confidence) / 2, n - 1) * interval.deviation) / Math.sqrt(n) < distance) return n;
  }
  return undefined;
}

/** Holm's step-down adjustment: p-values that may be compared with the level of the whole family, in the order given. */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((p, i) => ({ p, i })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  order.forEach(({ p, i }, rank) => {
    largest = Math.min(1, Math.max(largest, p * (pValues.length - rank)));
    adjusted[i] = largest;
  });
  return adjusted;
}
