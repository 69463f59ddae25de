/** Several numbers of each seed side by side, for checks that compare within a seed. */
import type { Measured } from '@ncsweep/catalog/claims/claim';
import { intervalOf, toScale, type Interval, type Scale } from './interval.ts';
import { confidenceOf, entryOf, examplesOf, isLost, levelInterval, read, seedsOf, type Lost, type Place } from './measure.ts';
import { combined, ownError, typical } from './own-error.ts';

export interface SeedRow {
  readonly seed: number;
  /** One per measured number, in the requested order. */
  readonly values: readonly number[];
}

export interface BySeed {
  /** Seeds that have every number. */
  readonly rows: readonly SeedRow[];
  /** Seeds for which every number was requested and one is missing. */
  readonly lost: readonly Lost[];
}

/** @param measured each stands for one layer */
export function bySeed(place: Place, measured: readonly Measured[]): BySeed {
  const rows: SeedRow[] = [];
  const lost: Lost[] = [];
  for (const seed of seedsOf(place)) {
    const readings = measured.map((m) => read(place, m, seed)?.[0]);
    if (readings.includes(undefined)) continue;
    const gone = readings.find((r) => r !== undefined && isLost(r));
    if (gone !== undefined && isLost(gone)) lost.push(gone);
    else rows.push({ seed, values: readings.flatMap((r) => (r === undefined || isLost(r) ? [] : [r.value])) });
  }
  return { rows, lost };
}

/** "seed 2: trial … is parked: …", for every seed that counts against a check. */
export const lostText = (lost: readonly Lost[]): string => lost.map(({ seed, why }) => `seed ${seed}: ${why}`).join('; ');

/** Level of the i-th number over the rows. */
export function levelOf(place: Place, { rows }: BySeed, measured: readonly Measured[], i: number): Interval | undefined {
  return levelInterval(
    place,
    measured[i] ?? { metric: '' },
    rows.flatMap((r) => r.values[i] ?? []),
    'linear',
  );
}

/** Interval of the i-th number minus the j-th (on a log scale their ratio) over the rows. */
export function changeOf(
  place: Place,
  found: BySeed,
  measured: readonly Measured[],
  [i, j]: readonly [number, number],
  scale: Scale = 'linear',
): Interval | undefined {
  const error = (k: number, value: number): number =>
    ownError(
      measured[k]?.metric ?? '',
      value,
      scale,
      examplesOf(place, measured[k]),
      entryOf(place, measured[k]?.metric ?? '')?.tolerance,
    );
  const pairs = found.rows.map(({ values }) => [values[i] ?? 0, values[j] ?? 0] as const);
  return intervalOf(
    pairs.map(([a, b]) => toScale(a, scale) - toScale(b, scale)),
    scale,
    { confidence: confidenceOf(place), error: typical(pairs.map(([a, b]) => combined(error(i, a), error(j, b)))) },
  );
}
