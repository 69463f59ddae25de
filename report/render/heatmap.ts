/** A classes × classes matrix as a heatmap with its numbers written in. */
import type { TrialRow } from '@ncsweep/protocol/tables';
import { formatNumber } from '../aggregate/format.ts';
import type { Figure } from './figure.ts';
import { html, type Markup } from './markup.ts';
import type { View } from './view.ts';

export interface Entry {
  readonly row: number;
  readonly col: number;
  readonly value: number;
}

export interface HeatmapText {
  readonly title: string;
  readonly rows: string;
  readonly cols: string;
}

const cell = 34;
const margin = 40;
/** Above this many classes the numbers no longer fit their squares. */
const mostWritten = 12;

/** Percentage of the hue mixed into the paper: one hue per sign, so that it is readable in print and without colour vision. */
const percentage = (value: number): number => Math.round(Math.min(1, Math.abs(value)) * 100);
const shade = (value: number): string =>
  `color-mix(in oklab, var(${value < 0 ? '--heat-low' : '--heat'}) ${percentage(value)}%, var(--paper))`;

/** Percentages from which a square's number is written in the other colour, so that its contrast is at least 4.5 on either paper. */
const turns = { positive: { light: 84, dark: 67 }, negative: { light: 94, dark: 71 } };
function ink(value: number): string {
  const { light, dark } = turns[value < 0 ? 'negative' : 'positive'];
  return [
    'cell',
    ...(percentage(value) >= light ? ['full-light'] : []),
    ...(percentage(value) >= dark ? ['full-dark'] : []),
  ].join(' ');
}

/** Two digits: ".80", "−.25", "0", "1". */
const written = (value: number): string =>
  Math.abs(value) < 0.005
    ? '0'
    : Math.abs(value) >= 0.995
      ? String(Math.round(value))
      : value.toFixed(2).replace('0.', '.').replace('-', '−');

/** Written in black, or in white on a full colour, as on white paper; the page's style sheet turns it where its paper is dark. */
const inkOnPaper = (value: number): string => (ink(value).includes('full-light') ? '#fff' : '#000');

function squareOf(e: Entry, square: number, text: HeatmapText, isWritten: boolean): Markup {
  const [x, y] = [margin + e.col * square, margin + e.row * square];
  const label = isWritten
    ? html`<text
        class="${ink(e.value)}"
        fill="${inkOnPaper(e.value)}"
        x="${x + square / 2}"
        y="${y + square / 2 + 4}"
        text-anchor="middle"
        >${written(e.value)}</text
      >`
    : undefined;
  return html`<rect x="${x}" y="${y}" width="${square}" height="${square}" fill="${shade(e.value)}" stroke="var(--paper)"
      ><title>${text.rows} ${e.row}, ${text.cols} ${e.col}: ${formatNumber(e.value)}</title></rect
    >${label}`;
}

export function heatmap(entries: readonly Entry[], classes: number, text: HeatmapText, trialId: string): Figure {
  const square = classes <= mostWritten ? cell : (cell * mostWritten) / classes;
  const side = classes * square;
  const [width, height] = [margin + side + 6, margin + side + 6];
  const description = `${text.title}: ${text.rows} by ${text.cols}`;
  const markup = html`<svg
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${description}"
  >
    ${entries.map((e) => squareOf(e, square, text, classes <= mostWritten))}
    <text x="${margin + side / 2}" y="14" text-anchor="middle">${text.cols}</text>
    ${tickLabels(classes, square)}
    <text x="12" y="${margin + side / 2}" text-anchor="middle" transform="rotate(-90 12 ${margin + side / 2})">${text.rows}</text>
  </svg>`;
  return {
    title: text.title,
    description,
    drawing: { markup, width, height },
    legend: [],
    caption: html`<code>ncsweep show ${trialId}</code>`,
    data: { columns: ['row', 'col', 'value', 'trial'], rows: entries.map((e) => [e.row, e.col, e.value, trialId]) },
  };
}

function tickLabels(classes: number, square: number): Markup[] {
  const every = classes <= mostWritten ? 1 : Math.ceil(classes / 10);
  return Array.from({ length: classes }, (_, i) => i)
    .filter((i) => i % every === 0)
    .map((i) => {
      const at = margin + i * square + square / 2;
      return html`<text x="${at}" y="${margin - 6}" text-anchor="middle">${i}</text
        ><text x="${margin - 6}" y="${at + 4}" text-anchor="end">${i}</text>`;
    });
}

/** The matrix of a trial, if the results hold it. */
export function matrixOf(view: View, trial: TrialRow, metric: string): readonly Entry[] {
  return view.tables.matrices.filter((m) => m.trialId === trial.trialId && m.metric === metric);
}
