/**
 * Metrics multiply up to four features, which exceeds the range of float64 for magnitudes beyond 1e±75. No metric but `mean_distance`
 * depends on the features' scale, so extreme features are measured times a power of two, which changes none of their digits.
 */
import type { Features } from './features.ts';

/** Magnitudes up to 2^200 are safe: fourth powers, summed over 2^70 products, stay below 2^900. */
const safeExponent = 200;

/** The largest magnitude: 0 for no values, NaN or infinity when there is one. */
export function largestMagnitude(values: Features): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (!(size <= largest)) largest = size;
    if (!Number.isFinite(largest)) return largest;
  }
  return largest;
}

/**
 * Exponent of the power of two by which features are multiplied; 0 unless they are extreme.
 * @param largest magnitude of any feature @param spread magnitude of what is measured among them; 0 when there is none
 */
export function scaleExponent(largest: number, spread: number): number {
  const [least, most] = [2 ** -safeExponent, 2 ** safeExponent];
  const isSafe = largest === 0 || (largest >= least && largest <= most && (spread === 0 || spread >= least));
  // The upper end of the range, which leaves room below for values much smaller than the largest.
  return isSafe ? 0 : safeExponent - Math.ceil(Math.log2(largest));
}

/** x · 2^exponent, for every finite x and exponents up to ±2000. */
export function timesPowerOfTwo(x: number, exponent: number): number {
  const half = Math.trunc(exponent / 2); // 2^exponent itself may exceed float64 where the product does not
  return x * 2 ** half * 2 ** (exponent - half);
}

/** Returns the values themselves for exponent 0. */
export const scaled = <Values extends Features>(values: Values, exponent: number): Values | Float64Array =>
  exponent === 0 ? values : Float64Array.from(values, (x) => timesPowerOfTwo(x, exponent));
