/** index.html: one static, self-contained file without a script. */
import { figuresOf, type DrawnSection } from './drawn-sections.ts';
import { attackValidity } from './sections/attack-validity.ts';
import { claimSection } from './sections/claim-section.ts';
import { claimsPanel } from './sections/claims-panel.ts';
import { contents } from './sections/contents.ts';
import { header } from './sections/header.ts';
import { cannotSay, provenance } from './sections/provenance.ts';
import { missing, tables } from './sections/results-tables.ts';
import { style } from './style.ts';
import { html, Markup } from './markup.ts';
import type { View } from './view.ts';

/** Figures whose files a page holds; the files of more stand beside it only, so that it stays quick to open. */
const mostEmbedded = 150;

/** Sections are in the order that a sceptical reader needs. The first with figures is open: it shows what the sweep is about. */
export function page(view: View, sections: readonly DrawnSection[]): string {
  const isEmbedded = figuresOf(sections).length <= mostEmbedded;
  const body = html`${header(view)}
    <div class="columns">
      ${contents(view, sections)}
      <main>
        ${claimsPanel(view)}${attackValidity(view)}${sections.map((each, i) => claimSection(each, { isOpen: i === 0, isEmbedded }))}${tables(view)}${missing(view)}${cannotSay(view)}${provenance(view)}
      </main>
    </div>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:" />
        <link rel="icon" href="data:," />
        <title>${view.tables.sweep.name}: ncsweep report</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}
