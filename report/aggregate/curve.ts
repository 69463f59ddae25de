/** Curves over epsilon, epoch or depth: at each abscissa, every seed's number and their mean and interval. */
import { networkLayers } from '@ncsweep/catalog/architectures';
import type { Pooling } from '@ncsweep/catalog/axes';
import type { LabelConvention } from '@ncsweep/catalog/labels';
import { clean, epochsAsked, type Point } from '@ncsweep/catalog/claims/points';
import { lastEpoch } from '@ncsweep/catalog/params';
import { parseRational, toNumber } from '@ncsweep/protocol/rational';
import type { Epsilon, Named } from '@ncsweep/catalog/sweep';
import type { RecipeParams } from '@ncsweep/catalog/params';
import { illConditioned } from './control.ts';
import type { Interval, Scale } from './interval.ts';
import { levelInterval, seedsOf, type SettingPlace, type Sample } from './measure.ts';

export interface CurvePoint {
  /** Epsilon in [0,1], epoch, or position of the layer. */
  readonly x: number;
  readonly label: string;
  readonly interval: Interval;
  readonly samples: readonly Sample[];
  /** Whether some seed's Sigma_B is ill-conditioned, so that numbers that invert it are noise. */
  readonly ill: boolean;
}

/** What stays fixed along a curve; `attack` is `none` for clean curves. */
export interface Along {
  readonly metric: string;
  readonly scale: Scale;
  readonly training: Named<RecipeParams>;
  readonly attack: string;
  readonly epsilon?: string;
  readonly epoch?: number;
  readonly layer?: string;
  readonly pooling?: Pooling;
  readonly labels?: LabelConvention;
}

export const layersOf = (place: SettingPlace): readonly string[] => {
  const architecture = place.index.tables.sweep.architectures.find((a) => a.name === place.roles.stratum.architecture);
  return architecture === undefined ? [] : networkLayers(architecture.params).map((l) => l.name);
};

/** Every epsilon of the sweep, ascending, starting with the clean one. */
export function epsilonsOf(place: SettingPlace): readonly Epsilon[] {
  const all = [{ label: '0', value: clean }, ...place.index.tables.sweep.grids.flatMap((g) => g.epsilons)];
  const unique = [...new Map(all.reverse().map((e) => [e.value, e])).values()];
  return unique.sort((a, b) => epsilonSize(a.value) - epsilonSize(b.value));
}

/** In [0,1] pixel units. */
export const epsilonSize = (value: string): number => toNumber(parseRational(value) ?? { num: 0n, den: 1n });

/** The numbers at one abscissa; undefined when no seed has one. */
function at(place: SettingPlace, along: Along, x: number, label: string, point: Partial<Point>): CurvePoint | undefined {
  const full: Omit<Point, 'seed'> = {
    dataset: place.roles.stratum.dataset,
    architecture: place.roles.stratum.architecture,
    training: along.training.name,
    epoch: along.epoch ?? lastEpoch(along.training.params),
    attack: along.attack,
    epsilon: along.epsilon ?? place.roles.epsilon?.value ?? clean,
    layer: along.layer ?? layersOf(place).at(-1) ?? '',
    pooling: along.pooling ?? 'flatten',
    split: place.split,
    labels: along.labels ?? 'given',
    ...point,
  };
  const normal = full.epsilon === clean || full.attack === 'none' ? { ...full, attack: 'none', epsilon: clean } : full;
  const trials = seedsOf(place).flatMap((seed) => place.index.find({ ...normal, seed }) ?? []);
  const samples = trials.flatMap((trial) => {
    const value = place.index.value(trial, along.metric);
    return value === undefined ? [] : [{ seed: trial.seed, value, trials: [trial.trialId] }];
  });
  const values = samples.map((s) => s.value);
  const interval = levelInterval(place, along, values, along.scale);
  if (interval === undefined) return undefined;
  const ill = trials.some((t) => (place.index.value(t, 'sigma_b_condition') ?? 1) > illConditioned);
  return { x, label, interval, samples, ill };
}

export const overEpsilon = (place: SettingPlace, along: Along): readonly CurvePoint[] =>
  epsilonsOf(place).flatMap((e) => at(place, along, epsilonSize(e.value), e.label, { epsilon: e.value }) ?? []);

export const overEpochs = (place: SettingPlace, along: Along): readonly CurvePoint[] =>
  epochsAsked(place.index.tables.sweep, along.training.params).flatMap(
    (epoch) => at(place, along, epoch, String(epoch), { epoch }) ?? [],
  );

export const overDepth = (place: SettingPlace, along: Along): readonly CurvePoint[] => {
  const layers = layersOf(place);
  return layers.flatMap((layer, x) => {
    // A vector has only one form, so it ends both curves.
    const found = at(place, along, x, layer, { layer }) ?? at(place, along, x, layer, { layer, pooling: 'flatten' });
    return found !== undefined && (found.label !== 'input' || along.pooling !== 'gap') ? [found] : [];
  });
};

/** A single abscissa. */
export const single = (place: SettingPlace, along: Along): CurvePoint | undefined => at(place, along, 0, '', {});
