/**
 * Neural collapse metrics for the features of one layer: NC1 to NC4, and how an attack changes them. Pure, float64, without dependencies.
 * Sums are taken in a fixed order, so equal arrays give equal numbers.
 */
import { mostClasses, notFinite, UnfitArraysError, type CollapseArrays, type FeatureRows } from './arrays.ts';
import type { Features } from './features.ts';
import { measureArrays, type CollapseOutput } from './measure.ts';
import { largestMagnitude } from './power-scale.ts';

export { UnfitArraysError } from './arrays.ts';
export type { Features } from './features.ts';
export type { CollapseOutput, MetricTable } from './measure.ts';

/** All arrays are row-major; N and d follow from their lengths. */
export interface CollapseInput {
  /** Clean features of one layer [N, d]. */
  readonly features: Features;
  /** Class labels in 0..K−1 [N]. */
  readonly labels: ArrayLike<number>;
  /** K. Default: the number of rows of the weights, else the largest label + 1. */
  readonly classes?: number | undefined;
  /** Features of the same samples in the same order after an attack [N, d]. */
  readonly perturbedFeatures?: Features | undefined;
  /** Weights of the linear classifier on these features [K, d]; for the last layer only. */
  readonly weights?: Features | undefined;
  /** Bias of that classifier [K]. With it, predictions are computed where none are given. */
  readonly bias?: Features | undefined;
  /** The network's predictions [N]: on the perturbed features where these are given, else on the clean ones. */
  readonly predictions?: ArrayLike<number> | undefined;
  /** The network's predictions on the clean features [N], where perturbed features are given too. */
  readonly cleanPredictions?: ArrayLike<number> | undefined;
}

/**
 * Measures features, with the metric names that a sweep's report uses. Angles are in degrees, `mean_distance` is in the unit of the
 * features, and everything else is dimensionless. Undefined numbers, such as `nc1` of a single class, are left out.
 * @throws UnfitArraysError for arrays that do not fit each other, are not finite, or whose products do not fit float64
 * @example
 * ```ts
 * import { collapse } from '@ncsweep/collapse';
 *
 * // Two classes of two samples each, in two dimensions.
 * const features = Float64Array.of(1, 0.1, 1, -0.1, -1, 0.2, -1, -0.2);
 * const { clean } = collapse({ features, labels: [0, 0, 1, 1] });
 * console.log(clean['nc1'], clean['ncc_accuracy_own_means']);
 * ```
 */
export const collapse = (input: CollapseInput): CollapseOutput => measureArrays(arraysOf(input));

function arraysOf(input: CollapseInput): CollapseArrays {
  const { features, labels, perturbedFeatures, weights, bias } = input;
  const samples = labels.length;
  const dimension = features.length / samples;
  if (samples === 0 || dimension === 0 || !Number.isInteger(dimension))
    throw new UnfitArraysError(
      `features: ${features.length} numbers found for ${samples} labels, equally many in each row expected; give one label per row`,
    );
  const size = `${samples * dimension}, as features have,`;
  expectLength('perturbedFeatures', perturbedFeatures, samples * dimension, size, 'perturb the same samples in the same order');
  if (bias !== undefined && weights === undefined) throw new UnfitArraysError('bias needs weights: give both or neither');
  if (input.cleanPredictions !== undefined && perturbedFeatures === undefined)
    throw new UnfitArraysError('cleanPredictions need perturbedFeatures; without them give predictions');
  const classes = classesOf(input, dimension);
  const length = classes * dimension;
  expectLength(
    'weights',
    weights,
    length,
    `${length}, of ${classes} classes,`,
    'give the weight matrix of the layer, one row per class',
  );
  expectLength('bias', bias, classes, `${classes}, one per class,`, 'give the bias of that layer');
  const indices = (name: 'labels' | 'predictions' | 'cleanPredictions'): Int32Array | undefined =>
    input[name] && indicesOf(name, input[name], samples, classes);
  const [given, cleanGiven] = [indices('predictions'), indices('cleanPredictions')];
  const perturbed = perturbedFeatures && inMemory('perturbedFeatures', perturbedFeatures, dimension);
  return {
    classes,
    samples,
    dimension,
    labels: indicesOf('labels', labels, samples, classes),
    clean: { features: inMemory('features', features, dimension), predictions: perturbed ? cleanGiven : given },
    perturbed: perturbed && { features: perturbed, predictions: given },
    weights: weights && finite('weights', weights, dimension),
    bias: bias && finite('bias', bias, undefined),
    called: (array) => array,
  };
}

const inMemory = (title: string, features: Features, dimension: number): FeatureRows => ({
  title,
  rows: (from, to) => features.subarray(from * dimension, to * dimension),
});

function classesOf({ classes, weights, labels }: CollapseInput, dimension: number): number {
  const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => Math.max(a, b), 0);
  const found = classes ?? (weights === undefined ? largest(labels) + 1 : weights.length / dimension);
  if (Number.isInteger(found) && found >= 1 && found <= mostClasses) return found;
  throw new UnfitArraysError(
    `classes: ${found} found, a whole number from 1 to ${mostClasses} expected; renumber the labels from 0`,
  );
}

function expectLength(name: string, values: Features | undefined, length: number, expected: string, remedy: string): void {
  if (values === undefined || values.length === length) return;
  throw new UnfitArraysError(`${name}: ${values.length} numbers found, ${expected} expected; ${remedy}`);
}

function indicesOf(name: string, values: ArrayLike<number>, samples: number, classes: number): Int32Array {
  if (values.length !== samples)
    throw new UnfitArraysError(
      `${name}: ${values.length} found, ${samples} expected, one for each row of features; give one per row`,
    );
  return Int32Array.from(values, (value, i) => {
    if (Number.isInteger(value) && value >= 0 && value < classes) return value;
    const expected = `a whole number of 0..${classes - 1} expected`;
    throw new UnfitArraysError(`${name}: ${value} found at ${i}, ${expected}; renumber from 0, or give the number of classes`);
  });
}

function finite(name: string, values: Features, columns: number | undefined): Float64Array {
  if (Number.isFinite(largestMagnitude(values))) return Float64Array.from(values);
  throw notFinite(name, values, { first: 0, columns }, 'use weights from a run that did not diverge');
}
