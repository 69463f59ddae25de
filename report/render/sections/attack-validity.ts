/** 3. Whether the attack is valid, before any curve. */
import { hasAttacks } from '@ncsweep/catalog/claims/attack-roles';
import type { AttackCheck } from '../../aggregate/attack-check.ts';
import { foldedParts, foldedSection } from '../fold.ts';
import { html, type Markup } from '../markup.ts';
import { nameOf, type View } from '../view.ts';

const signs = { passed: '✓', failed: '✗', 'not run': '–' } as const;

/** Text where a sweep attacks nothing, in place of checks that were not run. */
export const noAttacks = 'This sweep attacks nothing, so there is no attack to check.';

/** "10 passed, 2 not run". */
function tally(checks: readonly AttackCheck[]): string {
  const count = (state: AttackCheck['state']): number => checks.filter((c) => c.state === state).length;
  return (['passed', 'failed', 'not run'] as const)
    .flatMap((state) => (count(state) === 0 ? [] : [`${count(state)} ${state}`]))
    .join(', ');
}

const checkLine = ({ training, state, note }: AttackCheck): Markup =>
  html`<p>
    <span class="mark ${state.replace(' ', '-')}">${signs[state]}</span>
    <span><b>${training}</b> <span class="note">${state === 'not run' ? 'not run: ' : ''}${note}</span></span>
  </p>`;

function checkList(checks: readonly AttackCheck[]): Markup {
  const titles = [...new Set(checks.map((c) => c.title))];
  return html`<ul class="checks">
    ${titles.map(
      (title) =>
        html`<li>
          <h4>${title}</h4>
          ${checks.filter((c) => c.title === title).map(checkLine)}
        </li>`,
    )}
  </ul>`;
}

export function attackValidity(view: View): Markup {
  const { settings } = view.verdicts;
  if (!hasAttacks(view.tables.sweep))
    return foldedSection(
      { id: 'attacks', title: 'Attack validity', summary: 'no attacks', isOpen: false },
      html`<p>${noAttacks}</p>`,
    );
  const parts = settings.map(({ stratum, checks }) => ({
    name: nameOf(view, stratum),
    summary: html`${tally(checks)}`,
    of: checks,
  }));
  return foldedSection(
    { id: 'attacks', title: 'Attack validity', summary: tally(settings.flatMap(({ checks }) => checks)), isOpen: true },
    html`<p class="lead">
        Read this before any curve: a weak attack makes every network look robust. A failed check dims the verdicts that depend on
        it; a check that was not run decides nothing.
      </p>
      ${foldedParts(parts, checkList)}`,
  );
}
