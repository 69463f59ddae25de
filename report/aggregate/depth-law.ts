/** The law of data separation (He & Su 2023): log D falls linearly with depth in a network that separates layer by layer. */
import { overDepth, type Along, type CurvePoint } from './curve.ts';
import { intervalOf, toScale, within } from './interval.ts';
import { confidenceOf, seedsOf, type SettingPlace, type Sample } from './measure.ts';

export interface LineFit {
  /** Pearson correlation of y with x, in [−1,1]. */
  readonly correlation: number;
  /** Least-squares change of y per unit of x. */
  readonly slope: number;
}

/** Least squares through at least three points; undefined for fewer, or where x or y does not vary. */
export function fitLine(points: readonly (readonly [x: number, y: number])[]): LineFit | undefined {
  const n = points.length;
  const varies = (axis: 0 | 1): boolean => points.some((p) => p[axis] !== points[0]?.[axis]);
  if (n < 3 || !varies(0) || !varies(1)) return undefined;
  const [meanX, meanY] = [0, 1].map((axis) => points.reduce((sum, p) => sum + p[axis]!, 0) / n) as [number, number];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  return { correlation: xy / Math.sqrt(xx * yy), slope: xy / xx };
}

export interface DepthLaw {
  /** Pearson r of log D against depth: −1 when the law holds. */
  readonly correlation: CurvePoint | undefined;
  /** D of a layer divided by D of the previous one, exp(slope). */
  readonly decay: CurvePoint | undefined;
}

/** One fit per seed over all layers, including raw pixels. */
export function depthLaw(place: SettingPlace, along: Pick<Along, 'training' | 'attack' | 'epsilon'>): DepthLaw {
  const curve = overDepth(place, { ...along, metric: 'separation', scale: 'log' });
  const fits = seedsOf(place).flatMap((seed) => {
    const samples = curve.flatMap(({ x, samples }) =>
      samples.filter((s) => s.seed === seed && s.value > 0).map((s) => ({ x, ...s })),
    );
    const fit = fitLine(samples.map(({ x, value }) => [x, Math.log(value)]));
    return fit === undefined ? [] : [{ seed, fit, trials: samples.flatMap((s) => s.trials) }];
  });
  const point = (
    label: string,
    scale: 'log' | 'linear',
    range: readonly [number, number],
    valueOf: (fit: LineFit) => number,
  ): CurvePoint | undefined => {
    const samples = fits.map(({ seed, fit, trials }): Sample => ({ seed, value: valueOf(fit), trials }));
    const values = samples.map((s) => toScale(s.value, scale));
    const interval = intervalOf(values, scale, { confidence: confidenceOf(place) });
    return interval && { x: 0, label, interval: within(interval, range), samples, ill: false };
  };
  return {
    correlation: point('Pearson r', 'linear', [-1, 1], (fit) => fit.correlation),
    decay: point('decay ratio', 'log', [0, Infinity], (fit) => Math.exp(fit.slope)),
  };
}
