/** Evaluates one paired within-seed contrast: one number a seed, its interval, and on which side it lies. */
import { networkLayers } from '@ncsweep/catalog/architectures';
import type { Contrast, Measured } from '@ncsweep/catalog/claims/claim';
import { holm, intervalOf, nothing, oneSided, seedsNeeded, sideOf, toScale, type Interval } from './interval.ts';
import { confidenceOf, read, seedsOf, whyAbsent, type Place, type Sample } from './measure.ts';

/** `one-seed`: a direction without an interval. */
export type ContrastOutcome = 'predicted' | 'opposite' | 'undecided' | 'one-seed' | 'absent';

export interface LayerResult {
  readonly layer: string;
  readonly samples: readonly Sample[];
  readonly interval: Interval;
  /** Holm-adjusted one-sided p-value of the predicted side, over the layers; absent for n = 1. */
  readonly adjusted?: number;
}

export interface ContrastResult {
  readonly contrast: Contrast;
  readonly outcome: ContrastOutcome;
  /** Differences, or ratios on a log scale; of the best layer when there are several. */
  readonly samples: readonly Sample[];
  readonly interval?: Interval;
  /** Whether the mean lies on the predicted side. */
  readonly towards: boolean;
  /** One-sided p-value of the other side, for Holm's correction over the claim; absent for n = 1. */
  readonly opposite?: number;
  readonly seedsNeeded?: number;
  /** One result a layer of an `any-layer` contrast, in depth order. */
  readonly layers: readonly LayerResult[];
  /** What is missing and how to get it. */
  readonly missing: readonly string[];
}

const sideNumber = (contrast: Contrast): 1 | -1 => (contrast.predicted === '+' ? 1 : -1);

/** √((K−2)/(2(K−1))), 0 for two classes, whose only edge has its middle at the centre. */
export const midEdge = (classes: number): number => Math.sqrt((classes - 2) / (2 * (classes - 1)));

function rightOf(place: Place, contrast: Contrast, seed: number): readonly (Sample | undefined)[] {
  if ('at' in contrast.right) return read(place, contrast.right, seed);
  const classes = place.index.classes(place.roles.stratum.dataset);
  return [classes === undefined || classes < 2 ? undefined : { seed, value: midEdge(classes), trials: [] }];
}

/** left − right or left / right, a layer at a time; a single right value serves every layer. */
function paired(place: Place, contrast: Contrast, seed: number): readonly (Sample | undefined)[] {
  const right = rightOf(place, contrast, seed);
  return read(place, contrast.left, seed).map((left, i) => {
    const against = right.length === 1 ? right[0] : right[i];
    if (left === undefined || against === undefined) return undefined;
    const difference = toScale(left.value, contrast.scale) - toScale(against.value, contrast.scale);
    const value = contrast.scale === 'log' ? Math.exp(difference) : difference;
    return { seed, value, trials: [...left.trials, ...against.trials] };
  });
}

/** Least-squares slope over layers, their depth rescaled to [0, 1]; undefined when a layer is missing. */
function slope(layers: readonly (Sample | undefined)[]): Sample | undefined {
  const known = layers.filter((s) => s !== undefined);
  const first = known[0];
  if (first === undefined || known.length < layers.length || known.length < 2) return undefined;
  const depths = known.map((_, i) => i / (known.length - 1));
  const mean = known.reduce((a, s) => a + s.value, 0) / known.length;
  const covariance = known.reduce((a, s, i) => a + (depths[i]! - 0.5) * (s.value - mean), 0);
  const variance = depths.reduce((a, d) => a + (d - 0.5) ** 2, 0);
  return { seed: first.seed, value: covariance / variance, trials: known.flatMap((s) => s.trials) };
}

const interval = (place: Place, contrast: Contrast, samples: readonly Sample[]): Interval | undefined =>
  intervalOf(
    samples.map((s) => toScale(s.value, contrast.scale)),
    contrast.scale,
    confidenceOf(place),
  );

function absent(place: Place, contrast: Contrast): ContrastResult {
  const sides: readonly Measured[] = 'at' in contrast.right ? [contrast.left, contrast.right] : [contrast.left];
  const lacking = sides.filter((m) => !seedsOf(place).some((seed) => complete(read(place, m, seed))));
  const why = [...new Set((lacking.length > 0 ? lacking : sides).map((m) => whyAbsent(place, m)))];
  return { contrast, outcome: 'absent', samples: [], towards: false, layers: [], missing: why };
}

const complete = (samples: readonly (Sample | undefined)[]): boolean =>
  samples.length > 0 && samples.every((s) => s !== undefined);

function oneNumber(place: Place, contrast: Contrast): ContrastResult {
  const samples = seedsOf(place).flatMap((seed) => {
    const layers = paired(place, contrast, seed);
    return (contrast.reduction === 'slope' ? slope(layers) : layers[0]) ?? [];
  });
  const found = interval(place, contrast, samples);
  if (found === undefined) return absent(place, contrast);
  const side = sideNumber(contrast);
  const lies = sideOf(found) * side;
  const towards = found.centre * side > 0;
  const p = oneSided(found, side === 1 ? -1 : 1);
  const needed = lies > 0 ? undefined : seedsNeeded(found, side, confidenceOf(place));
  return {
    contrast,
    outcome: found.n === 1 ? 'one-seed' : lies > 0 ? 'predicted' : lies < 0 ? 'opposite' : 'undecided',
    samples,
    interval: found,
    towards,
    ...(p === undefined ? {} : { opposite: p }),
    ...(needed === undefined ? {} : { seedsNeeded: needed }),
    layers: [],
    missing: [],
  };
}

/** Results of the layers before the last, those of every seed that has them. */
function layerResults(place: Place, contrast: Contrast): readonly LayerResult[] {
  const architecture = place.index.tables.sweep.architectures.find((a) => a.name === place.roles.stratum.architecture);
  const names = architecture === undefined ? [] : networkLayers(architecture.params).map((l) => l.name);
  const bySeed = seedsOf(place).map((seed) => paired(place, contrast, seed));
  const found = names.slice(1, -1).flatMap((layer, i) => {
    const samples = bySeed.flatMap((layers) => layers[i] ?? []);
    const bounds = interval(place, contrast, samples);
    return bounds === undefined ? [] : [{ layer, samples, interval: bounds }];
  });
  const side = sideNumber(contrast);
  const adjusted = holm(found.map((l) => oneSided(l.interval, side) ?? 1));
  return found.map((l, i) => (l.interval.n === 1 ? l : { ...l, adjusted: adjusted[i]! }));
}

function anyLayer(place: Place, contrast: Contrast): ContrastResult {
  const layers = layerResults(place, contrast);
  const side = sideNumber(contrast);
  const best = [...layers].sort((a, b) => (b.interval.centre - a.interval.centre) * side)[0];
  if (best === undefined) return absent(place, contrast);
  const level = (1 - confidenceOf(place)) / 2;
  const others = layers.map((l) => oneSided(l.interval, side === 1 ? -1 : 1) ?? 1);
  const predicted = layers.some((l) => l.adjusted !== undefined && l.adjusted < level);
  const opposite = Math.max(...others);
  const needed = predicted ? undefined : seedsNeeded(best.interval, side, confidenceOf(place));
  const outcome = predicted ? 'predicted' : opposite < level ? 'opposite' : 'undecided';
  return {
    contrast,
    outcome: best.interval.n === 1 ? 'one-seed' : outcome,
    samples: best.samples,
    interval: best.interval,
    towards: (best.interval.mean - nothing(contrast.scale)) * side > 0,
    ...(best.interval.n === 1 ? {} : { opposite }),
    ...(needed === undefined ? {} : { seedsNeeded: needed }),
    layers,
    missing: [],
  };
}

export function evaluateContrast(place: Place, contrast: Contrast): ContrastResult {
  return contrast.reduction === 'any-layer' ? anyLayer(place, contrast) : oneNumber(place, contrast);
}
