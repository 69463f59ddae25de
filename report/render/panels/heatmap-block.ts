/** Matrices over classes, one per training and point, for the first seed. */
import { clean } from '@ncsweep/catalog/claims/points';
import type { HeatmapBlock } from '@ncsweep/catalog/claims/sections/section';
import { lastEpoch, type RecipeParams } from '@ncsweep/catalog/params';
import type { Epsilon, Named } from '@ncsweep/catalog/sweep';
import { epsilonSize, epsilonsOf, layersOf } from '../../aggregate/curve.ts';
import { classesOf, type SettingPlace } from '../../aggregate/measure.ts';
import type { SettingChecks } from '../../aggregate/verdict.ts';
import type { Figure } from '../figure.ts';
import { heatmap, matrixOf } from '../heatmap.ts';
import { placeOf, type View } from '../view.ts';

interface At {
  readonly attack: string;
  readonly epsilon: string;
  readonly name: string;
}

/** Half the headline budget, the budget itself and twice the budget, or the nearest evaluated ones. */
function aroundHeadline(place: SettingPlace, attack: string): readonly At[] {
  const all = epsilonsOf(place).slice(1);
  const main = epsilonSize(place.roles.epsilon?.value ?? '8/255');
  const distance = ({ value }: Epsilon, size: number): number => Math.abs(Math.log(epsilonSize(value) / size));
  const nearest = (size: number): Epsilon | undefined => [...all].sort((a, b) => distance(a, size) - distance(b, size))[0];
  const three = new Set([main / 2, main, main * 2].flatMap((size) => nearest(size) ?? []));
  return [...three].map(({ label, value }) => ({ attack, epsilon: value, name: label }));
}

function cleanAndHeadline({ roles }: SettingPlace, attack: string | undefined): readonly At[] {
  const { epsilon } = roles;
  const attacked =
    attack === undefined || epsilon === undefined
      ? []
      : [{ attack, epsilon: epsilon.value, name: `${attack} at ${epsilon.label}` }];
  return [{ attack: 'none', epsilon: clean, name: 'clean' }, ...attacked];
}

function pointsOf(place: SettingPlace, { at }: HeatmapBlock): readonly At[] {
  const attack = place.roles.attacks.pgd?.name;
  switch (at) {
    case 'around the headline':
      return attack === undefined ? [] : aroundHeadline(place, attack);
    case 'clean and headline':
      return cleanAndHeadline(place, attack);
    default:
      return at satisfies never;
  }
}

function maps(view: View, place: SettingPlace, block: HeatmapBlock, training: Named<RecipeParams>): readonly Figure[] {
  const [seed] = view.tables.sweep.seeds;
  const classes = classesOf(place);
  if (seed === undefined || classes === undefined) return [];
  const { metric, rows, cols } = block;
  return pointsOf(place, block).flatMap(({ attack, epsilon, name }) => {
    const trial = place.index.find({
      ...place.roles.stratum,
      training: training.name,
      seed,
      epoch: lastEpoch(training.params),
      attack,
      epsilon,
      layer: layersOf(place).at(-1) ?? '',
      pooling: 'flatten',
      split: place.split,
      labels: 'given',
    });
    const entries = trial === undefined ? [] : matrixOf(view, trial, metric);
    if (trial === undefined || entries.length === 0) return [];
    return heatmap(entries, classes, { title: `${training.name}, ${name}, seed ${seed}`, rows, cols }, trial.trialId);
  });
}

/** The matrices of a block, one row of figures per training. */
export function heatmapRows(view: View, setting: SettingChecks, block: HeatmapBlock): readonly (readonly Figure[])[] {
  const place = placeOf(view, setting);
  return view.tables.sweep.trainings.map((t) => maps(view, place, block, t)).filter((row) => row.length > 0);
}
