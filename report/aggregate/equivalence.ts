/**
 * Does something change by no more than a margin? A t interval that includes zero cannot show this: with few seeds it includes almost
 * anything. Here a seed's harm is its change for the worse, in units of its margin. Equivalence is shown when no seed exceeds its margin
 * and neither does the upper bound of the mean harm (one-sided, at the report's confidence), so fewer seeds make it harder.
 */
import { fewestSeeds } from '@ncsweep/catalog/claims/decidable';
import { quantile } from './student-t.ts';
import { typical } from './own-error.ts';

/** All values are in the unit of what is compared. */
export interface Harm {
  readonly seed: number;
  /** Positive: worse. */
  readonly change: number;
  readonly margin: number;
  /** Standard error of the change. */
  readonly error: number;
}

export interface Equivalence {
  /** `few`: no seed exceeds its margin, but fewer than three seeds show nothing. */
  readonly state: 'shown' | 'exceeded' | 'open' | 'few';
  readonly worst: Harm;
  /** Upper bound of the mean harm in units of the margin; absent if there are too few seeds. */
  readonly bound?: number;
}

/** @returns undefined for no seeds */
export function equivalence(harms: readonly Harm[], confidence: number): Equivalence | undefined {
  const worst = [...harms].sort((a, b) => b.change / b.margin - a.change / a.margin)[0];
  if (worst === undefined) return undefined;
  if (worst.change > worst.margin) return { state: 'exceeded', worst };
  const n = harms.length;
  if (n < fewestSeeds) return { state: 'few', worst };
  const shares = harms.map((h) => Math.max(0, h.change) / h.margin);
  const mean = shares.reduce((a, b) => a + b, 0) / n;
  const spread = Math.sqrt(shares.reduce((a, s) => a + (s - mean) ** 2, 0) / (n - 1));
  const deviation = Math.max(spread, typical(harms.map((h) => h.error / h.margin)));
  const bound = mean + (quantile(confidence, n - 1) * deviation) / Math.sqrt(n);
  return { state: bound <= 1 ? 'shown' : 'open', worst, bound };
}

/** One percentage point, or the binomial standard error of an accuracy measured on this many examples, whichever is larger. */
export const accuracyMargin = (accuracy: number, examples: number): number =>
  Math.max(0.01, Math.sqrt((accuracy * (1 - accuracy)) / examples));
