/** index.html: one static, self-contained file without a script. */
import { attackValidity } from './sections/attack-validity.ts';
import { claimSection, sectionsOf } from './sections/claim-section.ts';
import { claimsPanel } from './sections/claims-panel.ts';
import { header } from './sections/header.ts';
import { provenance } from './sections/provenance.ts';
import { missing, tables } from './sections/results-tables.ts';
import { style } from './style.ts';
import { html, Markup } from './markup.ts';
import type { View } from './view.ts';

/** Sections are in the order that a sceptical reader needs. */
export function page(view: View): string {
  const sections = sectionsOf(view);
  const contents: readonly (readonly [string, string])[] = [
    ['claims', 'Claims'],
    ['attacks', 'Attack validity'],
    ...sections.map(({ section }) => [section.id, section.short] as const),
    ['tables', 'Tables'],
    ['missing', 'Missing'],
    ['limits', 'Limits'],
    ['provenance', 'Provenance'],
  ];
  const toc = html`<nav class="toc" aria-label="Sections">
    ${contents.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}
  </nav>`;
  const body = html`${header(view)}${toc}
    <main>
      ${claimsPanel(view)}${attackValidity(view)}${sections.map((each) => claimSection(view, each))}${tables(view)}${missing(view)}${provenance(view)}
    </main>`;
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
