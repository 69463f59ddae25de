/** Lines with their seeds and intervals: one small panel per question, so that its text stays legible at any page width. */
import * as Plot from '@observablehq/plot';
import type { CurvePoint } from '../aggregate/curve.ts';
import { formatNumber } from '../aggregate/format.ts';
import type { CsvValue } from '../files/csv.ts';
import type { Figure, FigureData, LegendEntry } from './figure.ts';
import type { LineStyle } from './palette.ts';
import { drawPlot, panelWidth } from './plot.ts';

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

/** A value that does not depend on x, with a name in the legend if readers need one. */
export interface ReferenceRule {
  readonly value: number;
  readonly name?: string;
}

export interface Panel {
  readonly title: string;
  /** Read aloud instead of the picture. */
  readonly description: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  readonly references?: readonly ReferenceRule[];
  readonly marks?: readonly Plot.Markish[];
  /** Names of the columns of a point's label and number in the data; a name alone if they are the same. */
  readonly columns: readonly [label: string, number?: string];
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

const referenceDash = '2 2';

function referenceMarks(references: readonly ReferenceRule[]): Plot.Markish[] {
  const named = references.filter(({ name }) => name !== undefined);
  const plain = references.filter(({ name }) => name === undefined);
  return [
    Plot.ruleY(plain, { y: 'value', stroke: 'var(--rule)' }),
    Plot.ruleY(named, { y: 'value', stroke: 'var(--ink-soft)', strokeDasharray: referenceDash }),
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

const axes = (panel: Panel): Plot.Markish[] => [
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
];

export const lineEntry = ({
  name,
  colour,
  dash,
  symbol,
  faint,
}: Omit<Line, 'points' | 'symbol'> & Partial<LineStyle>): LegendEntry => ({
  name,
  mark: { kind: 'line', colour, dash, ...(symbol !== undefined && faint !== true && { symbol }) },
});
const illEntry: LegendEntry = {
  name: 'Sigma_B ill-conditioned (λmax/λmin > 100): nc1 is noise there',
  mark: { kind: 'cross' },
};

function legendOf({ lines, references = [] }: Panel): readonly LegendEntry[] {
  const isIll = lines.some((line) => line.faint !== true && line.points.some(({ ill }) => ill));
  const rules = references.flatMap(({ name }) =>
    name === undefined ? [] : [lineEntry({ name, colour: 'var(--ink-soft)', dash: referenceDash })],
  );
  return [...lines.map(lineEntry), ...rules, ...(isIll ? [illEntry] : [])];
}

function dataOf({ lines, columns: [label, number] }: Panel): FigureData {
  const rows = lines.flatMap((line) =>
    line.points.flatMap((p) =>
      p.samples.map((s): readonly CsvValue[] => [
        line.name,
        p.label,
        ...(number === undefined ? [] : [p.x]),
        s.seed,
        s.value,
        p.interval.mean,
        p.interval.bounds?.[0],
        p.interval.bounds?.[1],
        p.interval.n,
        p.ill ? 1 : 0,
        s.trials.join(' '),
      ]),
    ),
  );
  const numbers = ['seed', 'value', 'mean', 'low', 'high', 'n', 'illConditioned', 'trials'];
  return { columns: ['line', label, ...(number === undefined ? [] : [number]), ...numbers], rows };
}

export function drawPanel(panel: Panel): Figure {
  const clip = clipTo(panel.y);
  const drawing = drawPlot(
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
        ...axes(panel),
        ...(panel.marks ?? []),
        ...referenceMarks(panel.references ?? []),
        ...panel.lines.flatMap((line) => lineMarks(line, panel, clip)),
      ],
    },
    panel.description,
  );
  return { title: panel.title, description: panel.description, drawing, legend: legendOf(panel), data: dataOf(panel) };
}
