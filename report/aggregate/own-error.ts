/**
 * How well a single number is known, whatever the seeds show: three seeds with the same accuracy do not prove that a fourth has it too. A
 * share is known to one example. Other numbers are known to the tolerance within which backends agree.
 */
import { toleranceOf } from '@ncsweep/catalog/metrics';
import type { Tolerance } from '@ncsweep/catalog/metrics/tolerance';
import { toScale, type Scale } from './interval.ts';

/** @param examples behind a share @returns the smallest difference that the metric can show, in its unit */
function resolution({ of, absolute }: Tolerance, examples: number): number {
  return of === 'shares' ? 1 / examples : absolute;
}

/** @returns the value's standard error on the scale of the test */
export function ownError(
  metric: string,
  value: number,
  scale: Scale,
  examples: number,
  tolerance: Tolerance = toleranceOf(metric),
): number {
  const least = resolution(tolerance, examples);
  const { relative } = tolerance;
  const size = Math.abs(value);
  if (scale === 'linear') return Math.max(least, relative * size);
  return least === 0 ? relative : Math.max(relative, least / Math.max(size, least));
}

/** The value on the scale of a test. On a log scale, values are raised to the resolution: 1e−9 against 1e−6 is no ratio of 1,000. */
export const comparable = (
  metric: string,
  value: number,
  scale: Scale,
  examples: number,
  tolerance: Tolerance = toleranceOf(metric),
): number => toScale(scale === 'log' ? Math.max(value, resolution(tolerance, examples)) : value, scale);

/** The error of a difference of several independent numbers. */
export const combined = (...errors: readonly number[]): number => Math.hypot(...errors);

/** One typical error for seeds that each have their own. */
export const typical = (errors: readonly number[]): number =>
  errors.length === 0 ? 0 : Math.hypot(...errors) / Math.sqrt(errors.length);
