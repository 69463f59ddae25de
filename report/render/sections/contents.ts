/** The table of contents, which stays in view: beside the sections on a wide window, above them on a narrow one. */
import type { Outcome, SetVerdicts } from '../../aggregate/verdict.ts';
import type { DrawnSection } from '../drawn-sections.ts';
import { html, type Markup } from '../markup.ts';
import type { View } from '../view.ts';
import { outcomeSigns, setAnchor } from './claims-panel.ts';

const link = (id: string, name: string): Markup => html`<a href="#${id}">${name}</a>`;

/** The outcomes of a set, a mark per claim and stratum. */
const outcomes = ({ strata }: SetVerdicts): readonly Outcome[] =>
  strata.flatMap(({ verdicts }) => verdicts.map(({ outcome }) => outcome));

const marks = (set: SetVerdicts): Markup =>
  html`<span class="marks" aria-hidden="true"
    >${outcomes(set).map((outcome) => html`<span class="mark ${outcome.toLowerCase().replace(' ', '-')}">${outcomeSigns[outcome]}</span>`)}</span
  >`;

function claims({ verdicts: { sets } }: View): Markup {
  const [only] = sets;
  const several = html`<ul class="sets">
    ${sets.map((set) => html`<li>${link(setAnchor(set), set.set.name)}${marks(set)}</li>`)}
  </ul>`;
  return html`<li>${link('claims', 'Claims')}${only !== undefined && sets.length === 1 ? marks(only) : several}</li>`;
}

export function contents(view: View, sections: readonly DrawnSection[]): Markup {
  const named: readonly (readonly [string, string])[] = [
    ['attacks', 'Attack validity'],
    ...sections.map(({ section }) => [section.id, section.short] as const),
    ['tables', 'Tables'],
    ['missing', 'Missing'],
    ['limits', 'Limits'],
    ['provenance', 'Provenance'],
  ];
  return html`<nav class="toc scroll" aria-label="Sections">
    <ul>
      ${claims(view)}${named.map(([id, name]) => html`<li>${link(id, name)}</li>`)}
    </ul>
  </nav>`;
}
