/** Reads what a contrast needs, a seed at a time, for one dataset × architecture and split. */
import type { Measured, Selector } from '@ncsweep/catalog/claims/claim';
import { holds } from '@ncsweep/catalog/claims/points';
import { missingYaml } from '@ncsweep/catalog/claims/missing-yaml';
import { pointsOf, type Roles } from '@ncsweep/catalog/claims/roles';
import type { TrialRow } from '@ncsweep/protocol/tables';
import { summarise, type Interval, type Scale } from './interval.ts';
import type { TrialIndex } from './trial-index.ts';

/** Where a claim is judged: `train` is the paper's claim, `test` stands beside it. */
export interface Place {
  readonly index: TrialIndex;
  readonly roles: Roles;
  readonly split: 'train' | 'test';
}

/** One seed's number with the trials it came from. */
export interface Sample {
  readonly seed: number;
  readonly value: number;
  readonly trials: readonly string[];
}

export const seedsOf = (place: Place): readonly number[] => place.index.tables.sweep.seeds;
export const confidenceOf = (place: Place): number => place.index.tables.sweep.report.confidence;

export function trialsOf(place: Place, selector: Selector, seed: number): readonly (TrialRow | undefined)[] {
  const points = pointsOf(place.index.tables.sweep, place.roles, selector, seed) ?? [];
  return points.map((p) => place.index.find({ ...p, split: place.split }));
}

/** One number a layer the selector stands for; undefined where it is missing, not finite or not done. */
export function read(place: Place, { metric, at }: Measured, seed: number): readonly (Sample | undefined)[] {
  return trialsOf(place, at, seed).map((trial) => {
    const value = trial === undefined ? undefined : place.index.value(trial, metric);
    return trial === undefined || value === undefined ? undefined : { seed, value, trials: [trial.trialId] };
  });
}

/** The samples of a selector that stands for one layer. */
export const readAll = (place: Place, measured: Measured): readonly Sample[] =>
  seedsOf(place).flatMap((seed) => read(place, measured, seed)[0] ?? []);

export const intervalAt = (place: Place, measured: Measured, scale: Scale = 'linear'): Interval | undefined =>
  summarise(
    readAll(place, measured).map((s) => s.value),
    scale,
    confidenceOf(place),
  );

/** Why a number is not there: the YAML to add when nobody asked for it, else the state of its cell. */
export function whyAbsent(place: Place, { metric, at }: Measured): string {
  const { sweep } = place.index.tables;
  const seeds = seedsOf(place);
  const asked = seeds.some((seed) =>
    pointsOf(sweep, place.roles, at, seed)?.every((p) => holds(sweep, { ...p, split: place.split })),
  );
  if (!asked) return missingYaml(at, place.roles);
  const lacking = seeds.flatMap((seed) => trialsOf(place, at, seed)).find((t) => t !== undefined && t.state !== 'done');
  if (lacking === undefined) return `the results hold no finite ${metric}`;
  const reason = place.index.cell(lacking.cellId)?.reason;
  return `trial ${lacking.trialId} is ${lacking.state}${reason === undefined ? '' : `: ${reason}`}`;
}
