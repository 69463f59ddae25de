/** One number of a metric; `row` and `col` are original class indices, absent where they do not apply. */
export interface MetricRecord {
  /** Record name; this package's names are in `catalog/metrics/`. */
  readonly metric: string;
  readonly row?: number;
  readonly col?: number;
  readonly value: number;
}

/** No record where the metric is undefined: neither NaN nor infinity is ever emitted. */
export const scalar = (metric: string, value: number): readonly MetricRecord[] =>
  Number.isFinite(value) ? [{ metric, value }] : [];

/** The mean over the classes where the value is defined, then one record per class. @param classes original class indices [P] */
export function perClass(metric: string, classes: readonly number[], values: ArrayLike<number>): readonly MetricRecord[] {
  const defined = classes.flatMap((row, i) => scalar(metric, values[i]!).map((record) => ({ ...record, row })));
  return [...scalar(metric, mean(defined.map((record) => record.value))), ...defined];
}

/** NaN for an empty list. */
export const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
