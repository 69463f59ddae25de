/** The metrics: families of numbers, what they mean, and how far two computations of them may differ. */
import type { FurtherMeasures } from '@ncsweep/collapse/measure';
import { alignment } from './metrics/alignment.ts';
import { attackScalars } from './metrics/attack-scalars.ts';
import { leaping } from './metrics/leaping.ts';
import { minority } from './metrics/minority.ts';
import { featureUnits, type MetricEntry, type MetricFamily } from './metrics/metric.ts';
import { nearestMean } from './metrics/nearest-mean.ts';
import { network } from './metrics/network.ts';
import { simplex } from './metrics/simplex.ts';
import { tolerances, type Tolerance } from './metrics/tolerance.ts';
import { withinClass } from './metrics/within-class.ts';
import { byName } from './part.ts';

const families = [network, withinClass, simplex, alignment, nearestMean, leaping, minority] as const;

export const metricFamilies = byName(families);

const further = families.filter(({ start }: MetricFamily) => start !== undefined);

/** Computes the families that the `collapse` package does not know, in the pass over a layer's features. */
export const furtherMeasures: FurtherMeasures = {
  starts: further.flatMap(({ start }: MetricFamily) => start ?? []),
  inFeatureUnits: further.flatMap(({ entries }) =>
    Object.entries<MetricEntry>(entries).flatMap(([name, { unit }]) => (unit === featureUnits ? [name] : [])),
  ),
};

type EntriesOf<F> = F extends MetricFamily<string, infer E> ? keyof E & string : never;
/** A record name of `metrics.parquet` and `results.csv`. */
export type MetricName = EntriesOf<(typeof families)[number]>;
/** Of this catalog, or of a plug-in: `<plug-in>/<part>`. */
export type AnyMetricName = MetricName | `${string}/${string}`;

/** Every record name with what it means. */
export const metricDictionary = Object.fromEntries(
  families.flatMap(({ entries }) => Object.entries<MetricEntry>(entries)),
) as Readonly<Record<MetricName, MetricEntry>>;

/** Numbers of a whole cell, by their name in its result. */
const scalars: Readonly<Record<string, Tolerance>> = {
  epoch: tolerances.given,
  step: tolerances.given,
  weight_norm: tolerances.weights,
  [attackScalars.perturbationMax]: tolerances.pixels,
  [attackScalars.pixelMin]: tolerances.pixels,
  [attackScalars.pixelMax]: tolerances.pixels,
  [attackScalars.zeroGradientShare]: tolerances.share,
};

/** Every number that a result holds, by its name. */
const all: ReadonlyMap<string, Tolerance> = new Map([
  ...Object.entries(scalars),
  ...Object.entries(metricDictionary).map(([name, { tolerance }]) => [name, tolerance] as const),
]);

/** A name that is not in the table may not differ at all. */
export const toleranceOf = (metric: string): Tolerance => all.get(metric) ?? tolerances.given;

/** Each tolerance with the names it is for. */
export const toleranceTable = (): ReadonlyMap<Tolerance, readonly string[]> =>
  new Map(
    [...Map.groupBy(all, ([, tolerance]) => tolerance)].map(([tolerance, entries]) => [tolerance, entries.map(([name]) => name)]),
  );
