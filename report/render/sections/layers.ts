/** 7. Nearest-class-center accuracy layer by layer, under a transferred and under its own attack. */
import * as Plot from '@observablehq/plot';
import type { Pooling } from '@ncsweep/catalog/axes';
import type { RecipeParams } from '@ncsweep/catalog/params';
import type { Named } from '@ncsweep/catalog/sweep';
import type { ContrastResult } from '../../aggregate/contrast.ts';
import { layersOf, overDepth, type Along } from '../../aggregate/curve.ts';
import { formatContrast, formatNumber } from '../../aggregate/format.ts';
import type { SettingPlace } from '../../aggregate/measure.ts';
import type { StratumVerdicts } from '../../aggregate/verdict.ts';
import { drawLegend, drawPanel, drawPlot, panelWidth, type Axis, type Line } from '../figure.ts';
import { html, type Markup } from '../markup.ts';
import { perSetting, placeOf, styleOf, type View } from '../view.ts';
import { logAxis, shareAxis } from './curves.ts';

const keys = [
  { name: 'clean', colour: 'var(--ink-soft)', dash: '', symbol: 'circle' },
  { name: 'transferred attack', colour: 'var(--vermillion)', dash: '', symbol: 'triangle' },
  { name: 'adaptive attack on this layer', colour: 'var(--blue)', dash: '8 3 2 3', symbol: 'diamond2' },
  { name: 'raw pixels, adaptive', colour: 'var(--blue)', dash: '2 3', symbol: 'circle' },
  { name: 'untrained network, clean', colour: 'var(--green)', dash: '6 4', symbol: 'square2' },
] as const;

function linesOf(place: SettingPlace, training: Named<RecipeParams>, pooling: Pooling): readonly Line[] {
  const { pgd, adaptive } = place.roles.attacks;
  const along = (attack: string, more: Partial<Along> = {}): Along => ({
    ...{ metric: 'ncc_accuracy_clean_means', scale: 'linear', training, attack, pooling },
    ...more,
  });
  const own = adaptive === undefined ? [] : overDepth(place, along(adaptive.name, { metric: 'adaptive_ncc_accuracy' }));
  const pixels = own.find((p) => p.label === 'input');
  const names = layersOf(place);
  const points = [
    overDepth(place, along('none')),
    pgd === undefined ? [] : overDepth(place, along(pgd.name)),
    own,
    pixels === undefined ? [] : names.map((label, x) => ({ ...pixels, label, x })),
    overDepth(place, along('none', { epoch: 0 })),
  ];
  return keys.map((key, i) => ({ ...key, faint: i === 3, points: (points[i] ?? []).map((p) => ({ ...p, ill: false })) }));
}

/** At most seven ticks. */
function layerAxis(names: readonly string[]): Axis {
  const every = Math.ceil(names.length / 7);
  return { label: 'layer', type: 'point', domain: names, ticks: names.filter((_, i) => i % every === 0) };
}

function nccPanel(place: SettingPlace, training: Named<RecipeParams>, pooling: Pooling): Markup | undefined {
  const lines = linesOf(place, training, pooling).filter((l) => l.points.length > 0);
  if (lines.length === 0) return undefined;
  const names = layersOf(place).filter((n) => lines.some((l) => l.points.some((p) => p.label === n)));
  return drawPanel({
    title: `${training.name}, ${pooling === 'flatten' ? 'flattened' : 'pooled'}`,
    description: `NCC accuracy by layer for ${training.name}: ${lines.map((l) => l.name).join('; ')}`,
    x: layerAxis(names),
    y: { ...shareAxis, label: 'NCC accuracy, clean means' },
    lines,
  });
}

/** Separation D by layer: a straight line where every layer separates by the same factor. */
function separation(view: View, place: SettingPlace): Markup | undefined {
  const { pgd } = place.roles.attacks;
  const lineOf = (training: Named<RecipeParams>, attack: string | undefined): Line => ({
    ...styleOf(view, training.name, attack ?? 'none'),
    ...{ name: `${training.name}, ${attack ?? 'clean'}`, dash: attack === undefined ? '2 3' : '' },
    points: overDepth(place, { metric: 'separation', scale: 'log', training, attack: attack ?? 'none' }).map((p) => ({
      ...p,
      ill: false,
    })),
  });
  const lines = view.tables.sweep.trainings
    .flatMap((training) => [lineOf(training, undefined), ...(pgd === undefined ? [] : [lineOf(training, pgd.name)])])
    .filter((l) => l.points.length > 0);
  if (lines.length === 0) return undefined;
  const panel = drawPanel({
    title: 'Separation D, training data, flattened (log)',
    description: `Separation by layer: ${lines.map((l) => l.name).join('; ')}`,
    x: layerAxis(layersOf(place).filter((n) => lines.some((l) => l.points.some((p) => p.label === n)))),
    y: logAxis('separation D', lines),
    lines,
  });
  return html`<p class="lead">
      Separation D (spread within classes against spread between them): the line through log D, its correlation and its decay a
      layer stand in the tables.
    </p>
    ${drawLegend(lines)}
    <div class="panels">${panel}</div>`;
}

/** Layer minus raw pixels under the adaptive attack: intervals against zero. */
function margins(result: ContrastResult, name: string): Markup | undefined {
  if (result.layers.length === 0) return undefined;
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
  const plot = drawPlot(
    {
      ...{ width: panelWidth, height: 60 + 34 * rows.length, marginLeft: 64, marginRight: 14, marginTop: 8, marginBottom: 42 },
      x: { domain: [-reach, reach], label: null },
      y: { type: 'point', domain: rows.map((r) => r.layer), label: null },
      marks: [
        Plot.axisX({
          label: 'NCC accuracy, layer − raw pixels or chance',
          labelAnchor: 'center',
          labelArrow: 'none',
          labelOffset: 38,
          ticks: 5,
        }),
        Plot.axisY({ label: null, tickSize: 0 }),
        Plot.ruleX([0], { stroke: 'var(--ink-soft)' }),
        Plot.ruleY(rows, {
          y: 'layer',
          x1: (r: (typeof rows)[number]) => r.bounds[0],
          x2: (r: (typeof rows)[number]) => r.bounds[1],
          stroke: 'var(--blue)',
          strokeWidth: 6,
          strokeOpacity: 0.3,
        }),
        Plot.dot(seeds, { x: 'value', y: 'layer', r: 2.6, fill: 'var(--blue)', title: 'title' }),
        Plot.dot(rows, {
          x: 'mean',
          y: 'layer',
          symbol: 'diamond2',
          r: 4.5,
          stroke: 'var(--blue)',
          strokeWidth: 1.5,
          fill: 'var(--paper)',
        }),
      ],
    },
    `NCC accuracy of each layer minus raw pixels under the adaptive attack, ${name}`,
  );
  return html`<figure class="panel">
    <h4>${name}: adaptive, layer − raw pixels or chance</h4>
    ${plot}
    <figcaption>${aboveZero(result)}</figcaption>
  </figure>`;
}

function aboveZero({ layers, looks }: ContrastResult): string {
  const above = layers.filter((l) => (l.interval.bounds?.[0] ?? 0) > 0);
  const together = `The ${looks} intervals hold at once.`;
  if (above.length === 0) return `${together} None lies above zero: under its own attack no layer beats raw pixels for certain.`;
  return `${together} Above zero: ${above.map((l) => `${l.layer} (${formatContrast(l.interval, '')})`).join(', ')}.`;
}

const marginOf = (stratum: StratumVerdicts): ContrastResult | undefined =>
  stratum.verdicts.flatMap((v) => v.contrasts).find((c) => c.contrast.reduction === 'any-layer');

export function layers(view: View): Markup {
  return html`<section id="layers">
    <h2>Nearest-class-center accuracy by layer</h2>
    <p class="lead">
      A transferred attack was aimed at the network’s output and may simply miss the early layers. The adaptive attack is aimed at
      each layer’s own classifier: only what stays above raw pixels there is robustness of the layer.
    </p>
    ${drawLegend(keys)}
    ${perSetting(view, (s) => {
      const place = placeOf(view, s);
      const margin = marginOf(s);
      const name = s.roles.trainings.ST?.name ?? 'ST';
      return html`<div class="panels">
          ${view.tables.sweep.trainings.flatMap((t) => (['flatten', 'gap'] as const).map((p) => nccPanel(place, t, p)))}${margin && margins(margin, name)}
        </div>
        ${separation(view, place)}`;
    })}
  </section>`;
}
