/** Measured numbers side by side, as a claim set compares them in one stratum. */
import type { Selector } from '@ncsweep/catalog/claims/claim';
import type { LevelPanel } from '@ncsweep/catalog/claims/sections/section';
import type { CurvePoint } from '../../aggregate/curve.ts';
import { classesOf, isLost, levelInterval, readAll, type ClaimPlace } from '../../aggregate/measure.ts';
import type { SetVerdicts, StratumVerdicts } from '../../aggregate/verdict.ts';
import type { Figure } from '../figure.ts';
import { drawPanel, type Line } from '../line-figure.ts';
import { colour, hueAt } from '../palette.ts';
import type { View } from '../view.ts';
import { nameAxis, yAxis } from './axes.ts';
import { lookOf, rulesOf } from './curve-panel.ts';

function linesOf(place: ClaimPlace, { series, scale = 'linear' }: LevelPanel): readonly Line[] {
  const lines = series.map((each, i): Line => {
    const points = each.levels.flatMap(({ label, of }, x): CurvePoint[] => {
      const samples = readAll(place, of).flatMap((reading) => (isLost(reading) ? [] : [reading]));
      const values = samples.map(({ value }) => value);
      const interval = levelInterval(place, of, values, scale);
      return interval === undefined ? [] : [{ x, label, interval, samples, ill: false }];
    });
    return { colour: colour(hueAt(i)), dash: '', symbol: 'circle', name: each.name, points, ...lookOf(each) };
  });
  return lines.filter(({ points }) => points.length > 0);
}

function drawLevels(place: ClaimPlace, panel: LevelPanel): readonly Figure[] {
  const lines = linesOf(place, panel);
  if (lines.length === 0) return [];
  const drawn = new Set(lines.flatMap(({ points }) => points.map(({ label }) => label)));
  const labels = new Set(panel.series.flatMap(({ levels }) => levels.map(({ label }) => label)));
  return [
    drawPanel({
      title: panel.title,
      description: `${panel.title}: ${lines.map((l) => l.name).join('; ')}`,
      x: nameAxis(
        '',
        [...labels].filter((label) => drawn.has(label)),
      ),
      y: yAxis(panel.y, panel.scale ?? 'linear', lines),
      lines,
      references: rulesOf(classesOf(place, firstOf(panel)), panel),
      columns: ['level', 'position'],
    }),
  ];
}

/** Data whose number of classes the references of a panel are for. */
const firstOf = ({ series }: LevelPanel): Selector | undefined => series[0]?.levels[0]?.of.at;

export function levelPanels(
  view: View,
  { set }: SetVerdicts,
  { roles }: StratumVerdicts,
  panels: readonly LevelPanel[],
): readonly Figure[] {
  const place: ClaimPlace = { index: view.index, roles, set, split: 'train' };
  return panels.flatMap((panel) => drawLevels(place, panel));
}
