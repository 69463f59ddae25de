/** The gallery of studies: a page with the question, the verdicts, the cost and one figure of each. */
import { html, Markup } from '@ncsweep/report/render/markup';
import type { Outcome } from 'ncsweep';

interface ShownVerdict {
  /** Of the claim in its set. */
  readonly number: number;
  readonly short: string;
  readonly outcome: Outcome;
  /** The number behind it, and what holds it back. */
  readonly text: string;
}

export interface ShownStudy {
  readonly name: string;
  /** Where it is described, relative to the page. */
  readonly href: string;
  readonly question: string;
  /** Whose claims it judges. */
  readonly claims: string;
  readonly verdicts: readonly ShownVerdict[];
  readonly backend: string;
  /** Computing time of all its cells, one after the other. */
  readonly seconds: number;
  readonly seeds: number;
  /** An SVG that stands alone. */
  readonly figure: { readonly title: string; readonly svg: string };
}

const verdictRow = ({ number, short, outcome, text }: ShownVerdict): Markup =>
  html`<tr>
    <td>${number}</td>
    <td>${short}</td>
    <td class="${outcome.toLowerCase().replaceAll(' ', '-')}">${outcome}</td>
    <td>${text}</td>
  </tr>`;

const asAddress = (svg: string): string => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;

const card = ({ name, href, question, claims, verdicts, figure, seeds, seconds, backend }: ShownStudy): Markup =>
  html`<article id="${name}">
    <h2><a href="${href}">${name}</a></h2>
    <p class="question">${question}</p>
    <p>${claims}</p>
    <div class="evidence">
      <img alt="${figure.title}" src="${asAddress(figure.svg)}" />
      <table>
        <tbody>
          ${verdicts.map(verdictRow)}
        </tbody>
      </table>
    </div>
    <p class="cost">
      ${seeds} seeds; cells with ${backend} took ${Math.round(seconds)} s, one after the other, on a machine with other work.
    </p>
  </article>`;

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
article{border-top:1px solid #ccc;padding:1rem 0}h2{margin:.2rem 0}p{margin:.3rem 0;max-width:50rem}.question{font-size:1.1rem}.cost{color:#555}
.evidence{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start;margin:.8rem 0}img{width:26rem;max-width:100%}
table{border-collapse:collapse;flex:1 1 26rem}td{padding:.3rem .6rem;border-bottom:1px solid #e5e5e5;vertical-align:top}
.supported{color:#00664b}.contradicted{color:#a63a00}.inconclusive,.not-measured{color:#555}`;

/** One file without requests or scripts. @param studies in their order on the page */
export const gallery = (studies: readonly ShownStudy[]): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Studies</title>
        <style>
          ${new Markup(style)}
        </style>
      </head>
      <body>
        <h1>Studies</h1>
        <p>
          Each is a sweep file that runs as it is. Data are synthetic and networks small: a verdict says what holds at this size,
          not what a paper measured at its own. Claims are fixed before any result, and one that is undecided or contradicted here
          is shown as such.
        </p>
        ${studies.map(card)}
      </body>
    </html> `.text;
