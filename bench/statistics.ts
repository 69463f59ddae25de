/** Median and spread of samples, and ratios between variants. Pure. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)! };
}

/**
 * Samples of one index were taken one after the other, so their ratio is free of what drifts during a run. With unequal numbers of
 * samples the ratio is that of the medians.
 */
export function ratios(samples: readonly number[], baseline: readonly number[]): Spread {
  if (samples.length !== baseline.length) return spread([spread(samples).median / spread(baseline).median]);
  return spread(samples.map((sample, at) => sample / baseline[at]!));
}

/** Least squares of log y on log x: the exponent of growth. */
export function logLogSlope(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (column: 0 | 1): number => logs.reduce((sum, point) => sum + point[column], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}
