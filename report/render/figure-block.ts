/** A figure on the page: small among others, enlarged in front of it, and ready to be saved. Nothing of this needs a script or a request. */
import type { NamedFigure } from './figure.ts';
import { figureCsv, figureSvg } from './figure-file.ts';
import { drawLegend } from './legend.ts';
import { html, Markup } from './markup.ts';

/** A file within a link; unlike `encodeURIComponent`, it leaves what an address may hold as it is, which is half as long. */
const dataAddress = (type: string, content: string): string =>
  `data:${type};charset=utf-8,${content.replace(/[%#"<>\r\n\t]/g, encodeURIComponent)}`;

const saved = (name: string, address: string, label: string): Markup =>
  html`<a download="${name}" href="${address}" aria-label="Save ${name}">${label}</a>`;

/** Links to the files of a figure, which stand in the page itself or, where they would make it too large, beside it. */
function savedFiles(figure: NamedFigure, isEmbedded: boolean): Markup {
  const { name } = figure;
  const svg = isEmbedded ? dataAddress('image/svg+xml', figureSvg(figure)) : `figures/${name}.svg`;
  const numbers = isEmbedded ? dataAddress('text/csv', Buffer.from(figureCsv(figure)).toString()) : `figures/${name}.csv`;
  return html`${saved(`${name}.svg`, svg, 'SVG')} ${saved(`${name}.csv`, numbers, 'CSV')}`;
}

/** Gives the drawing an id by which the enlarged view shows the same drawing again. */
const identified = (markup: Markup, id: string): Markup => new Markup(markup.text.replace('<svg', `<svg id="${id}"`));

function enlarged({ name, title, description, drawing, legend, caption }: NamedFigure, id: string): Markup {
  const { width, height } = drawing;
  return html`<div id="${id}-large" class="large" popover role="dialog" aria-label="${title}">
    <button class="close" popovertarget="${id}-large" popovertargetaction="hide" aria-label="Close ${title}">Close</button>
    <h4>${title}</h4>
    <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${description}"><use href="#${id}" /></svg>
    ${legend.length === 0 ? undefined : drawLegend(legend)}
    ${caption === undefined ? undefined : html`<p class="note">${caption}</p>`}
    <p class="note">In a report’s folder: <code>figures/${name}.svg</code> and <code>.csv</code></p>
  </div>`;
}

export interface FigureLook {
  /** Its class, which sets its size. */
  readonly kind: 'panel' | 'heatmap';
  readonly isEmbedded: boolean;
}

export function figureBlock(figure: NamedFigure, { kind, isEmbedded }: FigureLook): Markup {
  const { name, title, drawing, caption } = figure;
  const id = `figure-${name}`;
  return html`<figure class="${kind}">
    <h4>${title}</h4>
    ${identified(drawing.markup, id)} ${caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`}
    <p class="tools">
      <button popovertarget="${id}-large" aria-label="Enlarge ${title}">Enlarge</button>
      ${savedFiles(figure, isEmbedded)}
    </p>
    ${enlarged(figure, id)}
  </figure>`;
}
