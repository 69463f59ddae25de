/** A row-major batch of feature vectors. @remarks shape [B, d] */
export type Features = Float32Array | Float64Array;

/** Thrown when features contain NaN or infinity, which makes every metric meaningless. */
export class NonFiniteFeaturesError extends Error {
  override readonly name = 'NonFiniteFeaturesError';
  readonly classIndex: number;
  constructor(classIndex: number) {
    super(`features of class ${classIndex} hold NaN or infinity`);
    this.classIndex = classIndex;
  }
}

/** @throws RangeError unless features are [labels.length, d] and every label lies in 0..classes−1 */
export function checkBatch(features: Features, labels: Int32Array, classes: number, dimension: number): void {
  if (features.length !== labels.length * dimension) {
    throw new RangeError(`${features.length} feature values for ${labels.length} labels of dimension ${dimension}`);
  }
  for (const label of labels) {
    if (label < 0 || label >= classes) throw new RangeError(`label ${label} outside 0..${classes - 1}`);
  }
}
