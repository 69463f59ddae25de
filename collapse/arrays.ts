/** Arrays to measure. Features may be larger than memory, so they are read in blocks of rows. */
import type { Features } from './features.ts';
import { largestMagnitude, scaled } from './power-scale.ts';

/** Thrown for arrays that cannot be measured, or not together. The message says what was found, what was expected, and the remedy. */
export class UnfitArraysError extends Error {
  override readonly name = 'UnfitArraysError';
}

/** Features [N, d], read by rows. */
export interface FeatureRows {
  /** Names the features in errors. */
  readonly title: string;
  /** Rows from..to−1 [to − from, d]. */
  rows(from: number, to: number): Features;
}

/** Features, and what the network predicts for them. */
export interface Evaluated {
  readonly features: FeatureRows;
  /** [N] */
  readonly predictions: Int32Array | undefined;
}

export interface CollapseArrays {
  readonly classes: number;
  readonly samples: number;
  readonly dimension: number;
  /** In 0..classes−1 [N] */
  readonly labels: Int32Array;
  readonly clean: Evaluated;
  readonly perturbed: Evaluated | undefined;
  /** [K, d] */
  readonly weights: Float64Array | undefined;
  /** [K] */
  readonly bias: Float64Array | undefined;
  /** The name by which the caller knows an array, such as `weights` or `--weights`. */
  readonly called: (array: 'features' | 'weights' | 'bias' | 'predictions') => string;
}

/** More classes than this indicate a mistake in the labels; every metric costs K². */
export const mostClasses = 1000;

/** About 8 MB of float64. */
const elementsPerBatch = 1 << 20;

/** A block of rows [B, d]. */
export interface FeatureBatch {
  /** Multiplied by the requested power of two. */
  readonly features: Features;
  /** Largest magnitude in the rows as given. */
  readonly largest: number;
  readonly from: number;
  readonly to: number;
}

/** All rows times 2^exponent, in order. @throws UnfitArraysError for NaN or infinity; it names the place */
export function* featureBatches(
  { samples, dimension }: CollapseArrays,
  { features }: Evaluated,
  exponent: number,
): Generator<FeatureBatch> {
  const rows = Math.max(1, Math.floor(elementsPerBatch / dimension));
  for (let from = 0; from < samples; from += rows) {
    const to = Math.min(samples, from + rows);
    const values = features.rows(from, to);
    const largest = largestMagnitude(values);
    if (!Number.isFinite(largest))
      throw notFinite(features.title, values, { first: from, columns: dimension }, 'drop these samples');
    yield { features: scaled(values, exponent), largest, from, to };
  }
}

/** @param place of the values: row of the first, and how many there are per row; one per row without columns */
export function notFinite(
  title: string,
  values: Features,
  { first, columns }: { readonly first: number; readonly columns: number | undefined },
  remedy: string,
): UnfitArraysError {
  const bad = values.findIndex((x) => !Number.isFinite(x));
  const row = first + Math.floor(bad / (columns ?? 1));
  const place = columns === undefined ? `index ${row}` : `row ${row}, column ${bad % columns}`;
  return new UnfitArraysError(`${title}: ${values[bad]!} found at ${place}, finite numbers expected; ${remedy}`);
}
