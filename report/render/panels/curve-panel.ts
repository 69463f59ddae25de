/** Curves over epsilon, epoch or depth, as a section describes them, drawn for one setting. */
import type { Pooling } from '@ncsweep/catalog/axes';
import type { CurvePanel, LineLook, Series } from '@ncsweep/catalog/claims/sections/section';
import type { RecipeParams } from '@ncsweep/catalog/params';
import type { Named } from '@ncsweep/catalog/sweep';
import { layersOf, overDepth, overEpochs, overEpsilon, type Along, type CurvePoint } from '../../aggregate/curve.ts';
import { classesOf, type SettingPlace } from '../../aggregate/measure.ts';
import { referenceValue } from '../../aggregate/reference.ts';
import type { SettingChecks } from '../../aggregate/verdict.ts';
import { epsilonAxis, trainingRule } from '../epsilon-axis.ts';
import type { Figure } from '../figure.ts';
import { drawPanel, type Axis, type Line, type ReferenceRule } from '../line-figure.ts';
import { placeOf, styleOf, type View } from '../view.ts';
import { nameAxis, yAxis } from './axes.ts';

/** The words that fill the placeholders of a section's texts. */
type Words = Readonly<Partial<Record<'training' | 'attack' | 'epsilon' | 'pooling', string>>>;

export const filled = (text: string, words: Words): string =>
  Object.entries(words).reduce((said, [name, word]) => said.replaceAll(`{${name}}`, word), text);

/** The properties of a line that a look sets. */
export const lookOf = ({ colour, dash, symbol, isFaint }: LineLook): Partial<Line> => ({
  ...(colour && { colour: `var(--${colour})` }),
  ...(dash !== undefined && { dash }),
  ...(symbol && { symbol }),
  ...(isFaint === true && { faint: true }),
});

interface Facet {
  readonly trainings: readonly Named<RecipeParams>[];
  readonly pooling: Pooling;
}

const poolingWords: Readonly<Record<Pooling, string>> = { flatten: 'flattened', gap: 'pooled' };

function facetsOf({ each }: CurvePanel, trainings: readonly Named<RecipeParams>[]): readonly Facet[] {
  if (each === undefined) return [{ trainings, pooling: 'flatten' }];
  const poolings: readonly Pooling[] = each === 'training' ? ['flatten'] : ['flatten', 'gap'];
  return trainings.flatMap((training) => poolings.map((pooling) => ({ trainings: [training], pooling })));
}

const over: Readonly<Record<CurvePanel['x'], (place: SettingPlace, along: Along) => readonly CurvePoint[]>> = {
  epsilon: overEpsilon,
  epoch: overEpochs,
  layer: overDepth,
};
/** A single epoch shows nothing about training. */
const fewestPoints: Readonly<Record<CurvePanel['x'], number>> = { epsilon: 1, epoch: 2, layer: 1 };

const attackName = ({ roles }: SettingPlace, { attack }: Series): string | undefined =>
  attack === 'clean' ? 'none' : roles.attacks[attack]?.name;

function pointsOf(place: SettingPlace, panel: CurvePanel, series: Series, along: Along): readonly CurvePoint[] {
  const points = over[panel.x](place, along);
  if (series.isOfInput !== true) return points;
  const input = points.find(({ label }) => label === 'input');
  return input === undefined ? [] : layersOf(place).map((label, x) => ({ ...input, label, x }));
}

/** The lines with enough points to be drawn, by training. */
function linesOf(view: View, place: SettingPlace, panel: CurvePanel, { trainings, pooling }: Facet): readonly Line[] {
  const { scale = 'linear', marksIllConditioned = false } = panel;
  const lines = trainings.flatMap((training) =>
    panel.series.flatMap((series): Line[] => {
      const attack = attackName(place, series);
      if (attack === undefined) return [];
      const { metric, epoch, labels } = series;
      const along: Along = {
        metric,
        scale,
        training,
        attack,
        pooling,
        ...(epoch !== undefined && { epoch }),
        ...(labels && { labels }),
      };
      const points = pointsOf(place, panel, series, along).map((p) => ({ ...p, ill: marksIllConditioned && p.ill }));
      const words = { training: training.name, attack, epsilon: place.roles.epsilon?.label ?? '' };
      return [{ ...styleOf(view, training.name, attack), name: filled(series.name, words), points, ...lookOf(series) }];
    }),
  );
  return lines.filter(({ points }) => points.length >= fewestPoints[panel.x]);
}

function xAxis(place: SettingPlace, { x }: CurvePanel, lines: readonly Line[]): Axis {
  switch (x) {
    case 'epsilon':
      return epsilonAxis(place, lines);
    case 'epoch':
      return { label: 'epoch (square-root scale)', type: 'sqrt' };
    case 'layer': {
      const drawn = new Set(lines.flatMap(({ points }) => points.map(({ label }) => label)));
      const names = layersOf(place).filter((name) => drawn.has(name));
      return nameAxis('layer', names);
    }
    default:
      return x satisfies never;
  }
}

export function rulesOf(
  classes: number | undefined,
  { references = [] }: Pick<CurvePanel, 'references'>,
): readonly ReferenceRule[] {
  return references.flatMap((line): ReferenceRule[] => {
    if (typeof line === 'number') return [{ value: line }];
    return classes === undefined || classes < 2 ? [] : [{ value: referenceValue(line.reference, classes), name: line.label }];
  });
}

/** Columns of the figure's data for what its axis shows. */
const columns: Readonly<Record<CurvePanel['x'], readonly [string, string?]>> = {
  epsilon: ['epsilon', 'epsilonValue'],
  epoch: ['epoch'],
  layer: ['layer', 'position'],
};

/** Every panel that has a line. */
export function curvePanels(view: View, setting: SettingChecks, panel: CurvePanel): readonly Figure[] {
  const place = placeOf(view, setting, panel.split);
  return facetsOf(panel, view.tables.sweep.trainings).flatMap((facet) => {
    const lines = linesOf(view, place, panel, facet);
    if (lines.length === 0) return [];
    const [training] = facet.trainings;
    const attacks = new Set(panel.series.flatMap((series) => attackName(place, series) ?? []));
    const words = {
      training: training?.name ?? '',
      attack: [...attacks].join(', '),
      epsilon: place.roles.epsilon?.label ?? '',
      pooling: poolingWords[facet.pooling],
    };
    const title = filled(panel.title, words);
    return [
      drawPanel({
        title,
        description: `${title} against ${panel.x}: ${lines.map((l) => l.name).join('; ')}`,
        x: xAxis(place, panel, lines),
        y: yAxis(panel.y, panel.scale ?? 'linear', lines),
        lines,
        references: rulesOf(classesOf(place), panel),
        marks: panel.x === 'epsilon' ? trainingRule(place) : [],
        columns: columns[panel.x],
      }),
    ];
  });
}
