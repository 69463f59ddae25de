/** How the class means of perturbed data lie against those of the clean data. */
import type { CentredMeans, Means } from './class-means.ts';
import { perClass, type MetricRecord } from './metric-record.ts';
import { angleDegrees, distance, dot, norm, row } from './vectors.ts';

interface Placed {
  readonly raw: Means;
  readonly centred: CentredMeans;
}

/** Angles and distances for the classes that both have; cosines against every clean vertex. */
export function alignmentRecords(own: Placed, clean: Placed): readonly MetricRecord[] {
  const d = own.raw.dimension;
  const both = own.centred.present.filter((c) => clean.centred.present.includes(c));
  const vertex = ({ centred }: Placed, c: number): Float64Array => row(centred.centred, centred.present.indexOf(c), d);
  const raw = ({ raw }: Placed, c: number): Float64Array => row(raw.means, c, d);
  const cosines = own.centred.present.map((c) => vertexCosines(raw(own, c), clean.centred));
  return [
    ...perClass(
      'simplex_angle',
      both,
      both.map((c) => angleDegrees(vertex(own, c), vertex(clean, c))),
    ),
    ...perClass(
      'mean_angle',
      both,
      both.map((c) => angleDegrees(raw(own, c), raw(clean, c))),
    ),
    ...perClass(
      'mean_distance',
      both,
      both.map((c) => distance(raw(own, c), raw(clean, c))),
    ),
    ...perClass(
      'leap_cos_nearest',
      own.centred.present,
      cosines.map((all) => Math.max(...all.filter(Number.isFinite))),
    ),
    ...perClass(
      'leap_cos_true',
      own.centred.present,
      own.centred.present.map((c, i) => cosines[i]![clean.centred.present.indexOf(c)] ?? NaN),
    ),
  ];
}

/** cos(mu − mu′_G, m′_j) for every clean vertex j [P′]: the clean centre, so that a leap of all examples to one vertex reads as cosine 1. */
function vertexCosines(mean: Float64Array, { present, globalMean, centred, dimension }: CentredMeans): number[] {
  const x = mean.map((value, j) => value - globalMean[j]!);
  return present.map((_, slot) => {
    const vertex = row(centred, slot, dimension);
    return dot(x, 0, vertex, 0, dimension) / (norm(x) * norm(vertex));
  });
}
