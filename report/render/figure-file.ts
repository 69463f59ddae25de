/** A figure as files that stand alone: an SVG that needs no style sheet or font, so that programs that know no CSS convert it, and its numbers as CSV. */
import { csv } from '../files/csv.ts';
import type { Figure } from './figure.ts';
import { legendBelow } from './legend.ts';
import { html } from './markup.ts';
import { onPaper } from './theme.ts';

/** Attributes instead of style sheets, the light theme's colours, and the legend beneath. */
export function figureSvg({ title, description, drawing, legend }: Figure): string {
  const key = legendBelow(legend, 8, drawing.width, drawing.height + 6);
  const [width, height] = [Math.ceil(key.width), Math.ceil(drawing.height + (legend.length === 0 ? 0 : 6 + key.height))];
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
    <title>${title}</title>
    <desc>${description}</desc>
    <rect width="${width}" height="${height}" fill="var(--paper)" />
    <g fill="var(--ink)" font-family="Helvetica, Arial, Liberation Sans, sans-serif" font-size="12">
      ${drawing.markup}${key.markup}
    </g>
  </svg>`;
  return `${onPaper(svg.text)}\n`;
}

export const figureCsv = ({ data: { columns, rows } }: Figure): Uint8Array => csv(columns, rows, (row) => row);
