/** The linear classifier on the features, scaled by a power of two where its weights are extreme. */
import { linearLogits } from './classifier.ts';
import { largestMagnitude, scaled, scaleExponent, timesPowerOfTwo } from './power-scale.ts';
import { UnfitArraysError, type CollapseArrays, type FeatureBatch } from './arrays.ts';
import { checkRows } from './range.ts';

interface ScaledClassifier {
  /** Multiplied by a power of two [K, d]. */
  readonly weights: Float64Array;
  /**
   * Undefined without a bias. @param exponent of the batch's features @returns the logits without any power of two [B, K]
   * @throws UnfitArraysError when a logit exceeds float64
   */
  readonly logits: (batch: FeatureBatch, exponent: number) => Float64Array | undefined;
}

/** Up to here, differences of logits and their sum over samples are still finite. */
const mostLogit = 2 ** 900;
const leastNormal = 2 ** -1022;

/** @returns undefined without weights */
export function scaledClassifier(arrays: CollapseArrays): ScaledClassifier | undefined {
  const { weights: plain, bias, classes, dimension, called } = arrays;
  if (plain === undefined) return undefined;
  const largest = largestMagnitude(plain);
  const weightExponent = scaleExponent(largest, 0);
  const weights = scaled(plain, weightExponent);
  checkRows(weights, dimension, { title: called('weights'), largest, exponent: weightExponent }, 'a row of');
  const logits: ScaledClassifier['logits'] = ({ features, from }, exponent) => {
    const total = exponent + weightExponent;
    if (bias === undefined) return undefined;
    if (total === 0) return checked(linearLogits(features, weights, bias), from, arrays);
    const products = linearLogits(features, weights, new Float64Array(classes));
    const unscaled = products.map((product) => {
      const value = timesPowerOfTwo(product, -total);
      return product === 0 || Math.abs(value) >= leastNormal ? value : NaN;
    });
    const logits = unscaled.map((value, at) => value + bias[at % classes]!);
    return checked(logits, from, arrays);
  };
  return { weights, logits };
}

/** @param from row of the features that the first logits belong to @throws UnfitArraysError when a logit exceeds float64 */
function checked(logits: Float64Array, from: number, { classes, called }: CollapseArrays): Float64Array {
  const bad = logits.findIndex((logit) => !(Math.abs(logit) <= mostLogit));
  if (bad < 0) return logits;
  const [row, bias] = [from + Math.floor(bad / classes), called('bias')];
  throw new UnfitArraysError(
    `${called('weights')} and ${bias}: the logit of class ${bad % classes} for row ${row} of the features exceeds the range of float64; ` +
      `leave out ${bias}, and give the network's answers as ${called('predictions')}`,
  );
}
