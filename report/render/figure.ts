/** Figures as static SVG: one small panel per question, so that its text stays legible at any page width. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { CurvePoint } from '../aggregate/curve.ts';
import { formatNumber } from '../aggregate/format.ts';
import type { LineStyle } from './palette.ts';
import { html, Markup } from './markup.ts';

/** Drawn size in CSS pixels: fits a phone without scaling, and three to a row on a desktop. */
export const panelWidth = 356;
const panelHeight = 272;

export interface Line extends LineStyle {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly CurvePoint[];
  /** A pale reference line without seeds or band. */
  readonly faint?: boolean;
}

export interface Axis {
  readonly label: string;
  readonly type: 'linear' | 'log' | 'sqrt' | 'point';
  readonly domain?: readonly (number | string)[];
  readonly ticks?: readonly (number | string)[];
  readonly format?: (tick: number | string) => string;
}

export interface Panel {
  readonly title: string;
  /** Read aloud instead of the picture. */
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  readonly marks?: readonly Plot.Markish[];
}

/** The parts that we use of the element that Plot returns; the project compiles without browser types. */
interface PlotElement {
  readonly outerHTML: string;
  querySelector(selector: string): { remove(): void } | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}

/** SVG of a plot. Plot's own style sheet is left out, because the page styles all figures the same way. */
export function drawPlot(options: Plot.PlotOptions, description: string): Markup {
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { readonly document: never };
  const drawn = Plot.plot({ ...options, document }) as unknown as PlotElement;
  drawn.querySelector('style')?.remove();
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', description);
  for (const name of ['fill', 'font-family', 'font-size']) drawn.removeAttribute(name);
  return new Markup(drawn.outerHTML);
}

interface Datum {
  readonly x: number | string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly ill: boolean;
}

const data = (line: Line, panel: Panel): Datum[] =>
  line.points.map((p) => ({
    x: panel.x.type === 'point' ? p.label : p.x,
    y: p.interval.mean,
    low: p.interval.bounds?.[0] ?? p.interval.mean,
    high: p.interval.bounds?.[1] ?? p.interval.mean,
    ill: p.ill,
  }));

const showTrial = (id: string | undefined): string => (id === undefined ? '' : `\nncsweep show ${id}`);

function lineMarks(line: Line, panel: Panel, clip: (y: number) => number): Plot.Markish[] {
  const means = data(line, panel).map((d) => ({ ...d, y: clip(d.y), low: clip(d.low), high: clip(d.high) }));
  const stroke = { stroke: line.colour, strokeWidth: line.faint === true ? 1.25 : 2, strokeDasharray: line.dash };
  const mean = Plot.line(means, { x: 'x', y: 'y', ...stroke });
  if (line.faint === true) return [mean];
  const seeds = line.points.flatMap((p) =>
    p.samples.map((s) => ({
      x: panel.x.type === 'point' ? p.label : p.x,
      y: clip(s.value),
      title: `${line.name}, seed ${s.seed}: ${formatNumber(s.value)} at ${p.label}${showTrial(s.trials[0])}`,
    })),
  );
  const dots = { x: 'x', y: 'y', symbol: line.symbol, r: 3, fill: line.colour, stroke: 'var(--paper)', strokeWidth: 0.8 };
  const ill = means.filter((d) => d.ill);
  return [
    Plot.areaY(means, { x: 'x', y1: 'low', y2: 'high', fill: line.colour, fillOpacity: 0.16 }),
    mean,
    Plot.dot(seeds, { ...dots, title: 'title' }),
    Plot.dot(ill, { x: 'x', y: 'y', symbol: 'times', r: 6, stroke: 'var(--ink)', strokeWidth: 1.5 }),
  ];
}

/** Keeps bands inside the axis: a t interval of a share may leave [0, 1]. */
function clipTo(axis: Axis): (y: number) => number {
  const [low, high] = axis.domain ?? [];
  return (y) => Math.min(typeof high === 'number' ? high : Infinity, Math.max(typeof low === 'number' ? low : -Infinity, y));
}

const scaleOf = (axis: Axis): Plot.ScaleOptions => ({
  type: axis.type,
  ...(axis.domain === undefined ? {} : { domain: [...axis.domain] }),
});
const ticksOf = (axis: Axis) => ({
  ...(axis.ticks === undefined ? {} : { ticks: [...axis.ticks] }),
  ...(axis.format === undefined ? {} : { tickFormat: axis.format as (t: unknown) => string }),
});

export function drawPanel(panel: Panel): Markup {
  const clip = clipTo(panel.y);
  const plot = drawPlot(
    {
      width: panelWidth,
      height: panelHeight,
      marginLeft: 46,
      marginRight: 14,
      marginTop: 40,
      marginBottom: 42,
      x: { ...scaleOf(panel.x), label: null },
      y: { ...scaleOf(panel.y), label: null },
      marks: [
        Plot.gridY({ ...ticksOf(panel.y), stroke: 'var(--rule)', strokeOpacity: 1 }),
        Plot.axisY({
          ...ticksOf(panel.y),
          label: panel.y.label,
          labelAnchor: 'top',
          labelArrow: 'none',
          tickSize: 0,
          labelOffset: 40,
        }),
        Plot.axisX({ ...ticksOf(panel.x), label: panel.x.label, labelAnchor: 'center', labelArrow: 'none', labelOffset: 38 }),
        ...(panel.marks ?? []),
        ...panel.lines.flatMap((line) => lineMarks(line, panel, clip)),
      ],
    },
    panel.description,
  );
  return html`<figure class="panel">
    <h4>${panel.title}</h4>
    ${plot}
  </figure>`;
}

/** The legend of the lines; one serves all the panels beneath it. */
export function drawLegend(lines: readonly Pick<Line, 'name' | 'colour' | 'dash'>[], marks: readonly Markup[] = []): Markup {
  const entries = lines.map(
    (l) =>
      html`<li>
        <svg class="key" viewBox="0 0 28 10" width="28" height="10" aria-hidden="true">
          <line x1="1" x2="27" y1="5" y2="5" stroke="${l.colour}" stroke-width="2.5" stroke-dasharray="${l.dash}" /></svg
        >${l.name}
      </li>`,
  );
  return html`<ul class="legend">
    ${entries}${marks.map((m) => html`<li>${m}</li>`)}
  </ul>`;
}
