/** A contrast that some layer must show, layer by layer against zero. */
import * as Plot from '@observablehq/plot';
import type { MarginPanel } from '@ncsweep/catalog/claims/sections/section';
import type { ContrastResult } from '../../aggregate/contrast.ts';
import { formatContrast, formatNumber, formatTick } from '../../aggregate/format.ts';
import type { SettingChecks, SetVerdicts, StratumVerdicts } from '../../aggregate/verdict.ts';
import type { Drawing, Figure, FigureData } from '../figure.ts';
import { html } from '../markup.ts';
import { drawPlot, panelWidth } from '../plot.ts';
import { filled } from './curve-panel.ts';

/** The stratum that a setting belongs to. */
const stratumOf = ({ strata }: SetVerdicts, { stratum: setting }: SettingChecks): StratumVerdicts | undefined =>
  strata.find(({ stratum: { dataset, architecture, norm } }) =>
    [
      [dataset, setting.dataset],
      [architecture, setting.architecture],
      [norm, setting.norm],
    ].every(([named, here]) => named === undefined || named === here),
  );

export function marginPanel(set: SetVerdicts, setting: SettingChecks, panel: MarginPanel): readonly Figure[] {
  const stratum = stratumOf(set, setting);
  const verdict = stratum?.verdicts.find(({ claim }) => claim.number === panel.claim);
  const result = verdict?.contrasts.find(({ contrast }) => contrast.id === panel.contrast);
  if (stratum === undefined || result === undefined || result.layers.length === 0) return [];
  const role = result.contrast.left.at.training;
  const words = { training: stratum.roles.trainings[role]?.name ?? role };
  const description = filled(panel.description, words);
  return [
    {
      title: filled(panel.title, words),
      description,
      drawing: drawMargins(result, panel.label, description),
      legend: [],
      caption: html`${aboveZero(result, panel.none)}`,
      data: dataOf(result),
    },
  ];
}

const dataOf = ({ layers }: ContrastResult): FigureData => ({
  columns: ['layer', 'seed', 'value', 'mean', 'low', 'high', 'n', 'trials'],
  rows: layers.flatMap(({ layer, samples, interval: { mean, bounds, n } }) =>
    samples.map((s) => [layer, s.seed, s.value, mean, bounds?.[0], bounds?.[1], n, s.trials.join(' ')]),
  ),
});

function drawMargins(result: ContrastResult, label: string, description: string): Drawing {
  const rows = result.layers.map((l) => ({
    layer: l.layer,
    mean: l.interval.mean,
    bounds: l.interval.bounds ?? [l.interval.mean, l.interval.mean],
  }));
  const seeds = result.layers.flatMap((l) =>
    l.samples.map((s) => ({
      layer: l.layer,
      value: s.value,
      title: `seed ${s.seed}: ${formatNumber(s.value)}\nncsweep show ${s.trials.join(' ')}`,
    })),
  );
  const reach = Math.max(0.05, ...rows.flatMap((r) => r.bounds.map(Math.abs)), ...seeds.map((s) => Math.abs(s.value))) * 1.05;
  const margins = { marginLeft: 64, marginRight: 14, marginTop: 8, marginBottom: 42 };
  const axis = {
    labelAnchor: 'center',
    labelArrow: 'none',
    labelOffset: 38,
    ticks: 5,
    tickFormat: (t: number) => formatTick(t),
  } as const;
  const bar = { stroke: 'var(--blue)', strokeWidth: 6, strokeOpacity: 0.3 };
  const mean = { symbol: 'diamond2', r: 4.5, stroke: 'var(--blue)', strokeWidth: 1.5, fill: 'var(--paper)' } as const;
  return drawPlot(
    {
      width: panelWidth,
      height: 60 + 34 * rows.length,
      ...margins,
      x: { domain: [-reach, reach], label: null },
      y: { type: 'point', domain: rows.map((r) => r.layer), label: null },
      marks: [
        Plot.axisX({ label, ...axis }),
        Plot.axisY({ label: null, tickSize: 0 }),
        Plot.ruleX([0], { stroke: 'var(--ink-soft)' }),
        Plot.ruleY(rows, {
          y: 'layer',
          x1: (r: (typeof rows)[number]) => r.bounds[0],
          x2: (r: (typeof rows)[number]) => r.bounds[1],
          ...bar,
        }),
        Plot.dot(seeds, { x: 'value', y: 'layer', r: 2.6, fill: 'var(--blue)', title: 'title' }),
        Plot.dot(rows, { x: 'mean', y: 'layer', ...mean }),
      ],
    },
    description,
  );
}

function aboveZero({ layers, looks }: ContrastResult, none: string): string {
  const above = layers.filter((l) => (l.interval.bounds?.[0] ?? 0) > 0);
  const together = `The ${looks} intervals hold at once.`;
  if (above.length === 0) return `${together} None lies above zero: ${none}.`;
  return `${together} Above zero: ${above.map((l) => `${l.layer} (${formatContrast(l.interval, '')})`).join(', ')}.`;
}
