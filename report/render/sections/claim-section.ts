/** A section of figures. */
import type { DrawnBlock, DrawnPart, DrawnSection } from '../drawn-sections.ts';
import { figureBlock } from '../figure-block.ts';
import { foldedParts, foldedSection } from '../fold.ts';
import { drawLegend } from '../legend.ts';
import { html, type Markup } from '../markup.ts';
import { counted } from '../view.ts';

function blockBody({ kind, lead, legend, rows }: DrawnBlock, isEmbedded: boolean): Markup {
  const row = (figures: DrawnBlock['rows'][number]): Markup =>
    html`${figures.map((figure) => figureBlock(figure, { kind, isEmbedded }))}`;
  return html`${lead === undefined ? undefined : html`<p class="lead">${lead}</p>`}
  ${legend.length === 0 ? undefined : drawLegend(legend)}
  ${
    kind === 'panel'
      ? html`<div class="panels">${rows.map(row)}</div>`
      : html`<div class="heatmaps">${rows.map((figures) => html`<div>${row(figures)}</div>`)}</div>`
  }`;
}

function block(drawn: DrawnBlock, isEmbedded: boolean): Markup {
  const isEmpty = drawn.rows.every((row) => row.length === 0);
  const heading = drawn.title === undefined ? undefined : html`<h4 class="block">${drawn.title}</h4>`;
  if (isEmpty) return html`${drawn.empty === undefined ? undefined : html`<p>${drawn.empty}</p>`}`;
  return html`${heading}${blockBody(drawn, isEmbedded)}`;
}

const countOf = (parts: readonly DrawnPart[]): number =>
  parts.reduce((sum, { blocks }) => sum + blocks.reduce((n, { rows }) => n + rows.flat().length, 0), 0);

interface SectionLook {
  /** Whether the reader sees it without asking for it. */
  readonly isOpen: boolean;
  /** Whether the files of its figures stand in the page. */
  readonly isEmbedded: boolean;
}

export function claimSection({ section, key, parts }: DrawnSection, { isOpen, isEmbedded }: SectionLook): Markup {
  const { id, title, lead } = section;
  const count = countOf(parts);
  return foldedSection(
    { id, title, summary: count === 0 ? 'nothing measured' : counted(count, 'figure'), isOpen },
    html`<p class="lead">${lead}</p>
      ${key.length === 0 ? undefined : drawLegend(key)}
      ${foldedParts(
        parts.map((part) => ({ name: part.place, of: part })),
        ({ blocks }) => html`${blocks.map((drawn) => block(drawn, isEmbedded))}`,
      )}`,
  );
}
