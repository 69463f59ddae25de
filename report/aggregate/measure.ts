/** Reads what a contrast or control needs, seed by seed, for one stratum and split. A requested seed is never silently dropped. */
import type { Measured, Selector } from '@ncsweep/catalog/claims/claim';
import type { SplitName } from '@ncsweep/catalog/axes';
import { exampleCount, minorityCount } from '@ncsweep/catalog/datasets';
import { holds, type Point } from '@ncsweep/catalog/claims/points';
import { metricDictionary } from '@ncsweep/catalog/metrics';
import type { MetricEntry } from '@ncsweep/catalog/metrics/metric';
import { pluggedEntries } from '@ncsweep/catalog/plugins/plugged-metric';
import type { ClaimSet } from '@ncsweep/catalog/claims/claim-set';
import { missingMetric, missingYaml } from '@ncsweep/catalog/claims/missing-yaml';
import type { Roles, Setting, Stratum } from '@ncsweep/catalog/claims/roles';
import { datasetAt, pointsOf } from '@ncsweep/catalog/claims/select';
import type { TrialRow } from '@ncsweep/protocol/tables';
import { formatNumber } from './format.ts';
import { intervalOf, shareInterval, toScale, within, type Interval, type Scale } from './interval.ts';
import { ownError, typical } from './own-error.ts';
import type { TrialIndex } from './trial-index.ts';

/** Where numbers are read. Training data decide claims, and test data are shown beside them; a selector may name its own split. */
export interface Place<S extends Stratum = Stratum> {
  readonly index: TrialIndex;
  readonly roles: Roles<S>;
  readonly split: SplitName;
}

export type SettingPlace = Place<Setting>;

export interface ClaimPlace extends Place {
  readonly set: ClaimSet;
}

/** What a selector leaves to its stratum and place. */
export type Where = Pick<Selector, 'dataset' | 'architecture' | 'split'>;

/** One seed's number and the trials it came from. */
export interface Sample {
  readonly seed: number;
  readonly value: number;
  readonly trials: readonly string[];
}

/** A seed whose number was requested but is missing or not finite. */
export interface Lost {
  readonly seed: number;
  readonly why: string;
}

export const isLost = (reading: Sample | Lost): reading is Lost => 'why' in reading;

export const seedsOf = (place: Place): readonly number[] => place.index.tables.sweep.seeds;
export const confidenceOf = (place: Place): number => place.index.tables.sweep.report.confidence;

/** Number of examples behind a share, by default behind an accuracy of all; a guess where only unexamined files would give it. */
export function examplesOf(place: Place, { metric = 'accuracy', at = {} }: Partial<Level> = {}): number {
  const { sweep } = place.index.tables;
  const params = datasetAt(sweep, place.roles, at)?.params;
  if (params === undefined) return 1;
  const split = at.split ?? place.split;
  const all = exampleCount(params, split, sweep.found?.[params.digest]);
  const group = entryOf(place, metric)?.examples;
  if (group === undefined) return all;
  const few = minorityCount(params, split);
  return Math.max(1, group === 'minority' ? few : all - few);
}

/** Undefined when neither the spec nor a result gives it. */
export function classesOf(place: Place, at: Where = {}): number | undefined {
  const dataset = datasetAt(place.index.tables.sweep, place.roles, at);
  return dataset && place.index.classes(dataset.name);
}

/** The points that a selector stands for in a place, whether or not the sweep requests them. */
const pointsIn = (place: Place, selector: Selector, seed: number): readonly Point[] | undefined =>
  pointsOf(place.index.tables.sweep, place.roles, { split: place.split, ...selector }, seed);

/** The points that a selector stands for, one per layer; undefined when the sweep does not request them. */
export function askedPoints(place: Place, selector: Selector, seed: number): readonly Point[] | undefined {
  const { sweep } = place.index.tables;
  const points = pointsIn(place, selector, seed);
  return points?.every((p) => holds(sweep, p)) === true ? points : undefined;
}

export const trialsOf = (place: Place, selector: Selector, seed: number): readonly (TrialRow | undefined)[] =>
  (pointsIn(place, selector, seed) ?? []).map((point) => place.index.find(point));

/** Why a number is missing. */
function whyLost(place: Place, trial: TrialRow | undefined, metric: string): string {
  if (trial === undefined) return 'the tables hold no such trial';
  if (trial.state !== 'done') {
    const reason = place.index.cell(trial.cellId)?.reason;
    return `trial ${trial.trialId} is ${trial.state}${reason === undefined ? '' : `: ${reason}`}`;
  }
  const raw = place.index.raw(trial, metric);
  return raw === undefined ? `${metric} was not recorded` : `${metric} is ${formatNumber(raw)}`;
}

/** One reading per layer of the selector; undefined when the sweep requests none for this seed. */
export function read(place: Place, { metric, at }: Measured, seed: number): readonly (Sample | Lost)[] | undefined {
  return askedPoints(place, at, seed)?.map((point) => {
    const trial = place.index.find(point);
    const value = trial && place.index.value(trial, metric);
    return trial === undefined || value === undefined
      ? { seed, why: whyLost(place, trial, metric) }
      : { seed, value, trials: [trial.trialId] };
  });
}

/** Readings of a selector that stands for one layer, one per seed that the sweep requests. */
export const readAll = (place: Place, measured: Measured): readonly (Sample | Lost)[] =>
  seedsOf(place).flatMap((seed) => read(place, measured, seed)?.[0] ?? []);

/** Mean and interval of a level over the seeds that have it. */
export function intervalAt(place: Place, measured: Measured, scale: Scale = 'linear'): Interval | undefined {
  const values = readAll(place, measured).flatMap((r) => (isLost(r) ? [] : [r.value]));
  return levelInterval(place, measured, values, scale);
}

/** What a level belongs to: a measured number, or one of the place itself. */
export interface Level {
  readonly metric: string;
  readonly at?: Where;
}

/** @param values finite levels of one metric, one per seed */
export function levelInterval(
  place: Place,
  { metric, at }: Level,
  values: readonly number[],
  scale: Scale,
): Interval | undefined {
  const examples = examplesOf(place, { metric, ...(at && { at }) });
  const entry = entryOf(place, metric);
  const errors = values.map((v) => ownError(metric, v, scale, examples, entry?.tolerance));
  const spread = { confidence: confidenceOf(place), error: typical(errors) };
  if (scale === 'linear' && isShare(metric)) return shareInterval(values, spread);
  const interval = intervalOf(
    values.map((v) => toScale(v, scale)),
    scale,
    spread,
  );
  return interval === undefined || entry === undefined ? interval : within(interval, entry.range);
}

const ofCatalog = (metric: string): MetricEntry | undefined =>
  (metricDictionary as Readonly<Record<string, MetricEntry | undefined>>)[metric];

/** What is known of a metric of the catalog, or of a plug-in of the sweep; undefined for other numbers. */
export const entryOf = (place: Place, metric: string): MetricEntry | undefined =>
  ofCatalog(metric) ?? pluggedEntries(place.index.tables.sweep.metrics).get(metric);

/** Whether a metric is a share of examples. Whether one of a plug-in is, its manifest does not say. */
export function isShare(metric: string): boolean {
  const entry = ofCatalog(metric);
  return entry?.range[0] === 0 && entry.range[1] === 1 && entry.unit === '';
}

/** Why a number is missing: the YAML to add if it was not requested, else the reason. */
export function whyAbsent(place: ClaimPlace, measured: Measured): string {
  const readings = seedsOf(place).flatMap((seed) => read(place, measured, seed) ?? []);
  const { sweep } = place.index.tables;
  const unmeasured = missingMetric(sweep, measured.metric);
  return unmeasured ?? readings.find(isLost)?.why ?? missingYaml(place.set, sweep, place.roles, measured.at);
}
