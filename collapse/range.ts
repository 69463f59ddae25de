/** Chooses the power of two by which arrays are scaled, and checks that float64 can then hold what is measured. */
import { centreMeans, MeansPass, type ClassMeans, type Means } from './class-means.ts';
import type { Features } from './features.ts';
import { largestMagnitude, scaleExponent, timesPowerOfTwo } from './power-scale.ts';
import { row } from './vectors.ts';
import { featureBatches, UnfitArraysError, type CollapseArrays, type Evaluated } from './arrays.ts';

/** Squares of smaller numbers, and fourth powers of smaller class means, are not normal float64 numbers. */
const [leastSquared, leastToTheFourth] = [2 ** -500, 2 ** -200];

/** Class means of data that are measured together. */
export interface ScaledMeans {
  /** Data and means are multiplied by 2^exponent; 0 unless magnitudes are extreme. */
  readonly exponent: number;
  /** One per data set. */
  readonly means: readonly ClassMeans[];
}

/**
 * @param pass of `firstPasses`
 * @param sets the data to measure, and the data whose means they are compared with; all share one power of two
 * @throws UnfitArraysError when no power of two fits them
 */
export function scaledMeans(pass: PassOf, sets: readonly Evaluated[]): ScaledMeans {
  const plain = sets.map((data) => pass(data, 0));
  const largest = Math.max(...plain.map((each) => each.largest));
  // Sums that may have overflowed say nothing about the spread; extreme magnitudes decide on their own.
  const spreads = scaleExponent(largest, 0) === 0 ? plain.map(({ means }) => spreadOf(means())) : [0];
  const exponent = scaleExponent(largest, Math.min(...spreads.filter((spread) => spread > 0), Infinity));
  const means = sets.map((data) => pass(data, exponent).means());
  sets.forEach(({ features }, i) => {
    const least = i === 0 ? leastToTheFourth : leastSquared;
    checkMeans(means[i]!, { title: features.title, largest, exponent }, least);
  });
  return { exponent, means };
}

interface FirstPass {
  /** Magnitude before scaling. */
  readonly largest: number;
  readonly means: () => ClassMeans;
}

type PassOf = (data: Evaluated, exponent: number) => FirstPass;

/** First passes, each run only once. */
export function firstPasses(arrays: CollapseArrays): PassOf {
  const known = new Map<Evaluated, Map<number, FirstPass>>();
  return (data, exponent) => {
    const ofData = known.get(data) ?? new Map<number, FirstPass>();
    known.set(data, ofData);
    const pass = ofData.get(exponent) ?? firstPass(arrays, data, exponent);
    ofData.set(exponent, pass);
    return pass;
  };
}

function firstPass(arrays: CollapseArrays, data: Evaluated, exponent: number): FirstPass {
  const pass = new MeansPass(arrays.classes, arrays.dimension);
  let largest = 0;
  for (const batch of featureBatches(arrays, data, exponent)) {
    pass.add(batch.features, arrays.labels.subarray(batch.from, batch.to));
    largest = Math.max(largest, batch.largest);
  }
  return { largest, means: () => pass.finish() };
}

/** Where numbers come from, for errors. */
interface Place {
  readonly title: string;
  /** Magnitude before scaling. */
  readonly largest: number;
  readonly exponent: number;
}

/** Magnitude of the class means around their centre; 0 when all coincide. */
const spreadOf = (means: Means): number => largestMagnitude(centreMeans(means).centred);

const isLost = (size: number, least: number): boolean => size > 0 && size < least;

/** @param rows [P, d]; their squares must not vanish next to those of the others @throws UnfitArraysError */
export function checkRows(rows: Float64Array, dimension: number, place: Place, what: string): void {
  const sizes = Array.from({ length: rows.length / dimension }, (_, c) => largestMagnitude(row(rows, c, dimension)));
  const lost = sizes.find((size) => isLost(size, leastSquared));
  if (lost !== undefined) throw tooWide(place, what, lost, leastSquared);
}

/** @param least magnitude of the largest distance of a class mean from their centre */
function checkMeans(means: ClassMeans, place: Place, least: number): void {
  const spread = spreadOf(means);
  if (isLost(spread, least)) throw tooWide(place, 'class means that differ by', spread, least);
  checkRows(centreMeans(means).centred, means.dimension, place, 'a class mean that differs from the others by');
}

/** Largest difference of a feature from its class mean; 0 for float32, whose products always fit float64. @param features [B, d] @param labels [B] */
export function largestResidual(features: Features, labels: Int32Array, { dimension, means }: Means): number {
  let largest = 0;
  if (features instanceof Float32Array) return largest;
  labels.forEach((label, b) => {
    const [at, mean] = [b * dimension, label * dimension];
    for (let j = 0; j < dimension; j++) largest = Math.max(largest, Math.abs(features[at + j]! - means[mean + j]!));
  });
  return largest;
}

/** @param residual largest within the classes @throws UnfitArraysError when its products with the class means do not fit float64 */
export function checkResidual(residual: number, means: ClassMeans, place: Place): void {
  const spread = spreadOf(means);
  const least = Math.max(leastSquared, spread > 0 ? leastSquared / spread : 0);
  if (isLost(residual, least)) throw tooWide(place, 'features of a class that differ by', residual, least);
}

/** @param what is `found` where nothing or at least `least` was expected; both times 2^exponent */
function tooWide({ title, largest, exponent }: Place, what: string, found: number, least: number): UnfitArraysError {
  const [size, expected] = [found, least].map((x) => timesPowerOfTwo(x, -exponent).toExponential(1));
  return new UnfitArraysError(
    `${title}: ${what} ${size} at most found beside numbers up to ${largest.toExponential(1)}; 0 or at least ${expected} expected, because ` +
      'float64 cannot hold products of both. Remedy: set such small numbers to 0, or measure their columns separately',
  );
}
