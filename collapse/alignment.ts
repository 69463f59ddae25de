/** How the class means of perturbed data lie relative to those of the clean data. */
import type { CentredMeans, Means } from './class-means.ts';
import { perClass, type MetricRecord } from './metric-record.ts';
import { angleDegrees, distance, row } from './vectors.ts';

/** Class means, raw and centred. */
export interface PlacedMeans {
  readonly raw: Means;
  readonly centred: CentredMeans;
}

/** Angles and distances, for the classes present in both. */
export function alignmentRecords(own: PlacedMeans, clean: PlacedMeans): readonly MetricRecord[] {
  const d = own.raw.dimension;
  const both = own.centred.present.filter((c) => clean.centred.present.includes(c));
  const vertex = ({ centred }: PlacedMeans, c: number): Float64Array => row(centred.centred, centred.present.indexOf(c), d);
  const raw = ({ raw }: PlacedMeans, c: number): Float64Array => row(raw.means, c, d);
  const records = (metric: string, value: (c: number) => number): readonly MetricRecord[] =>
    perClass(metric, both, both.map(value));
  return [
    ...records('simplex_angle', (c) => angleDegrees(vertex(own, c), vertex(clean, c))),
    ...records('mean_angle', (c) => angleDegrees(raw(own, c), raw(clean, c))),
    ...records('mean_distance', (c) => distance(raw(own, c), raw(clean, c))),
  ];
}
