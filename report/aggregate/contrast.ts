/** Evaluates one paired within-seed contrast: one number per seed, their interval, and the side on which it lies. */
import { networkLayers } from '@ncsweep/catalog/architectures';
import { fewestSeeds } from '@ncsweep/catalog/claims/decidable';
import { sidesOf, type Contrast, type Measured, type Reference } from '@ncsweep/catalog/claims/claim';
import { architectureAt } from '@ncsweep/catalog/claims/select';
import { intervalOf, seedsNeeded, shareInterval, sideOf, simultaneous, within, type Interval, type Range } from './interval.ts';
import {
  classesOf,
  confidenceOf,
  entryOf,
  examplesOf,
  isLost,
  isShare,
  read,
  readAll,
  seedsOf,
  whyAbsent,
  type ClaimPlace,
  type Lost,
  type Place,
  type Sample,
  type Where,
} from './measure.ts';
import { combined, comparable, ownError, typical } from './own-error.ts';
import { referenceValue } from './reference.ts';

/** `few-seeds`: only a direction, because fewer than three seeds decide nothing. */
export type ContrastOutcome = 'predicted' | 'opposite' | 'undecided' | 'few-seeds' | 'absent';

/** One seed's difference, or ratio on a log scale. */
export interface Difference extends Sample {
  /** The same value on the scale of the test, and its standard error there. */
  readonly onScale: number;
  readonly error: number;
}

export interface LayerResult {
  readonly layer: string;
  readonly samples: readonly Difference[];
  readonly interval: Interval;
}

export interface ContrastResult {
  readonly contrast: Contrast;
  readonly outcome: ContrastOutcome;
  /** The samples, of the best layer if there are several. */
  readonly samples: readonly Difference[];
  readonly interval?: Interval;
  /**
   * Number of intervals that hold jointly at the report's confidence, including this one; 1 if only this contrast is tested. The interval
   * shown is the one that decides.
   */
  readonly looks: number;
  /** Whether the mean lies on the predicted side. */
  readonly towards: boolean;
  /** Requested seeds without a finite number; while there is one, the contrast decides nothing. */
  readonly lost: readonly Lost[];
  readonly seedsNeeded?: number;
  /** One result per layer of an `any-layer` contrast, in depth order. */
  readonly layers: readonly LayerResult[];
  /** What is missing and how to get it. */
  readonly missing: readonly string[];
}

const sideNumber = (contrast: Contrast): 1 | -1 => (contrast.predicted === '+' ? 1 : -1);

function referenceSample(place: Place, { reference }: Reference, at: Where, seed: number): Sample | Lost {
  const classes = classesOf(place, at);
  return classes === undefined || classes < 2
    ? { seed, why: 'the number of classes is not known' }
    : { seed, value: referenceValue(reference, classes), trials: [] };
}

/** The larger of the reading and the reference. */
function atLeast(reading: Sample | Lost, floor: Sample | Lost): Sample | Lost {
  if (isLost(reading)) return reading;
  return isLost(floor) || floor.value <= reading.value ? (isLost(floor) ? floor : reading) : { ...reading, value: floor.value };
}

function rightOf(place: Place, contrast: Contrast, seed: number): readonly (Sample | Lost)[] | undefined {
  const { left, right, atLeast: floor } = contrast;
  if (!('at' in right)) return [referenceSample(place, right, left.at, seed)];
  const readings = read(place, right, seed);
  return floor === undefined ? readings : readings?.map((r) => atLeast(r, referenceSample(place, floor, right.at, seed)));
}

/** left − right or left / right of one layer of one seed. */
function difference(place: Place, { left, right, scale }: Contrast, a: Sample | Lost, b: Sample | Lost): Difference | Lost {
  if (isLost(a)) return a;
  if (isLost(b)) return b;
  const known = (of: Measured) => [scale, examplesOf(place, of), entryOf(place, of.metric)?.tolerance] as const;
  const on = (measured: Measured, value: number): number => comparable(measured.metric, value, ...known(measured));
  const errorOf = (measured: Measured, value: number): number => ownError(measured.metric, value, ...known(measured));
  const onScale = on(left, a.value) - on('at' in right ? right : left, b.value);
  const error = combined(errorOf(left, a.value), 'at' in right ? errorOf(right, b.value) : 0);
  return {
    seed: a.seed,
    value: scale === 'log' ? Math.exp(onScale) : onScale,
    trials: [...a.trials, ...b.trials],
    onScale,
    error,
  };
}

/** One difference per layer; a single right value serves all layers. Undefined when the sweep requests none for this seed. */
function paired(place: Place, contrast: Contrast, seed: number): readonly (Difference | Lost)[] | undefined {
  const [lefts, rights] = [read(place, contrast.left, seed), rightOf(place, contrast, seed)];
  return lefts?.flatMap((left, i) => {
    const right = rights?.length === 1 ? rights[0] : rights?.[i];
    return right === undefined ? [] : [difference(place, contrast, left, right)];
  });
}

/** Least-squares slope over layers, with depth rescaled to [0, 1]. */
function slope(layers: readonly Difference[]): Difference | undefined {
  const first = layers[0];
  if (first === undefined || layers.length < 2) return undefined;
  const depths = layers.map((_, i) => i / (layers.length - 1) - 0.5);
  const variance = depths.reduce((a, d) => a + d ** 2, 0);
  const value = layers.reduce((a, s, i) => a + depths[i]! * s.onScale, 0) / variance;
  const error = combined(...layers.map((s, i) => depths[i]! * s.error)) / variance;
  return { seed: first.seed, value, onScale: value, error, trials: layers.flatMap((s) => s.trials) };
}

/** The values that `left − right` can take; undefined where a slope or a ratio is taken, or the number of classes is not known. */
function rangeOf(place: Place, { left, right, scale, reduction }: Contrast): Range | undefined {
  const minuend = entryOf(place, left.metric)?.range;
  if (scale === 'log' || reduction === 'slope' || minuend === undefined) return undefined;
  const [least, most] = 'at' in right ? (entryOf(place, right.metric)?.range ?? []) : constantRange(place, right, left.at);
  return least === undefined || most === undefined ? undefined : [minuend[0] - most, minuend[1] - least];
}

function constantRange(place: Place, { reference }: Reference, at: Where): Range | readonly [] {
  const classes = classesOf(place, at);
  if (classes === undefined || classes < 2) return [];
  const value = referenceValue(reference, classes);
  return [value, value];
}

function intervalFor(place: Place, contrast: Contrast, samples: readonly Difference[], looks: number): Interval | undefined {
  const values = samples.map((s) => s.onScale);
  const spread = { confidence: simultaneous(confidenceOf(place), looks), error: typical(samples.map((s) => s.error)) };
  const range = rangeOf(place, contrast);
  if (range?.every(Number.isFinite) === true && isShare(contrast.left.metric)) return shareInterval(values, spread, range);
  const interval = intervalOf(values, contrast.scale, spread);
  return interval === undefined || range === undefined ? interval : within(interval, range);
}

function absent(place: ClaimPlace, contrast: Contrast, lost: readonly Lost[]): ContrastResult {
  const sides = sidesOf(contrast);
  const lacking = sides.filter((m) => readAll(place, m).every(isLost));
  const why = [...new Set((lacking.length > 0 ? lacking : sides).map((m) => whyAbsent(place, m)))];
  return { contrast, outcome: 'absent', samples: [], looks: 1, towards: false, lost, layers: [], missing: why };
}

/** The seeds of a contrast: the layers of each complete seed, and the incomplete seeds. */
function seedsOfContrast(
  place: Place,
  contrast: Contrast,
): { complete: readonly (readonly Difference[])[]; lost: readonly Lost[] } {
  const complete: (readonly Difference[])[] = [];
  const lost: Lost[] = [];
  for (const seed of seedsOf(place)) {
    const layers = paired(place, contrast, seed);
    if (layers === undefined || layers.length === 0) continue;
    const gone = layers.find(isLost);
    if (gone === undefined) complete.push(layers as readonly Difference[]);
    else lost.push(gone);
  }
  return { complete, lost };
}

interface Judged {
  readonly interval: Interval;
  readonly looks: number;
  readonly lies: 'predicted' | 'opposite' | 'undecided';
}

function outcomeOf({ lies, interval }: Judged, lost: readonly Lost[]): ContrastOutcome {
  if (interval.n < fewestSeeds) return 'few-seeds';
  return lost.length > 0 ? 'undecided' : lies;
}

function result(
  place: Place,
  contrast: Contrast,
  judged: Judged,
  samples: readonly Difference[],
  lost: readonly Lost[],
): ContrastResult {
  const side = sideNumber(contrast);
  const { interval, looks } = judged;
  const outcome = outcomeOf(judged, lost);
  const needed = outcome === 'predicted' ? undefined : seedsNeeded(interval, side, simultaneous(confidenceOf(place), looks));
  const towards = interval.centre * side > 0;
  const base = { contrast, outcome, samples, interval, looks, towards, lost, layers: [], missing: [] };
  return needed === undefined ? base : { ...base, seedsNeeded: needed };
}

/** @param against number of the claim's contrasts that could contradict it */
function oneNumber(place: ClaimPlace, contrast: Contrast, against: number): ContrastResult {
  const { complete, lost } = seedsOfContrast(place, contrast);
  const samples = complete.flatMap((layers) => (contrast.reduction === 'slope' ? slope(layers) : layers[0]) ?? []);
  const side = sideNumber(contrast);
  const alone = intervalFor(place, contrast, samples, 1);
  if (alone === undefined) return absent(place, contrast, lost);
  const looks = alone.centre * side > 0 ? 1 : against;
  const interval = intervalFor(place, contrast, samples, looks) ?? alone;
  const lies = sideOf(interval) * side;
  return result(
    place,
    contrast,
    { interval, looks, lies: lies > 0 ? 'predicted' : lies < 0 ? 'opposite' : 'undecided' },
    samples,
    lost,
  );
}

/** Names of the layers that an `any-layer` contrast compares: those between the input and the last. */
function layersBetween(place: Place, { left }: Contrast): readonly string[] {
  const architecture = architectureAt(place.index.tables.sweep, place.roles, left.at);
  return architecture === undefined
    ? []
    : networkLayers(architecture.params)
        .map((l) => l.name)
        .slice(1, -1);
}

function layerResults(
  place: Place,
  contrast: Contrast,
  complete: readonly (readonly Difference[])[],
  looks: number,
): readonly LayerResult[] {
  return layersBetween(place, contrast).flatMap((layer, i) => {
    const samples = complete.flatMap((layers) => layers[i] ?? []);
    const interval = intervalFor(place, contrast, samples, looks);
    return interval === undefined ? [] : [{ layer, samples, interval }];
  });
}

/** Predicted when some layer is, so all layers are tested jointly; opposite only when every layer is. */
function anyLayer(place: ClaimPlace, contrast: Contrast, against: number): ContrastResult {
  const { complete, lost } = seedsOfContrast(place, contrast);
  const side = sideNumber(contrast);
  const count = layersBetween(place, contrast).length;
  const asked = layerResults(place, contrast, complete, count);
  const isTowards = asked.some((l) => l.interval.centre * side > 0);
  const looks = isTowards ? count : against;
  const layers = isTowards ? asked : layerResults(place, contrast, complete, looks);
  const best = [...layers].sort((a, b) => (b.interval.centre - a.interval.centre) * side)[0];
  if (best === undefined) return absent(place, contrast, lost);
  const sides = layers.map((l) => sideOf(l.interval) * side);
  const lies = sides.some((s) => s > 0) ? 'predicted' : sides.every((s) => s < 0) ? 'opposite' : 'undecided';
  return { ...result(place, contrast, { interval: best.interval, looks, lies }, best.samples, lost), layers };
}

/** @param against number of the claim's contrasts that could contradict it: intervals on the other side hold jointly for all of them */
export function evaluateContrast(place: ClaimPlace, contrast: Contrast, against: number): ContrastResult {
  return contrast.reduction === 'any-layer' ? anyLayer(place, contrast, against) : oneNumber(place, contrast, against);
}
