/** 9. Provenance, conventions, and what this sweep cannot say. */
import { hasAttacks } from '@ncsweep/catalog/claims/attack-roles';
import { controls } from '@ncsweep/catalog/claims/controls';
import { conventions } from '../../files/conventions.ts';
import { foldedSection } from '../fold.ts';
import { html, type Markup } from '../markup.ts';
import { counted, isSynthetic, type View } from '../view.ts';

/** Limits that follow from what was run, one sentence each. */
export function limits(view: View): readonly string[] {
  const { sweep, trials } = view.tables;
  const attacks = hasAttacks(sweep);
  const absent = attacks ? controls(sweep).absent : [];
  const seeds = sweep.seeds.length;
  const only = (items: readonly { readonly name: string }[], what: string): readonly string[] =>
    items.length === 1 ? [`One ${what} (${items[0]?.name ?? ''}): nothing follows for another.`] : [];
  return [
    ...(isSynthetic(view) ? ['The data are synthetic: the result is qualitative, and no evidence about real images.'] : []),
    ...(seeds === 1 ? ['One seed: directions only, no interval.'] : []),
    ...(seeds > 1 && seeds <= 5
      ? [`n = ${seeds}: the t interval assumes normally distributed seeds, which ${counted(seeds, 'value')} cannot check.`]
      : []),
    ...only(sweep.datasets, 'data set'),
    ...only(sweep.architectures, 'architecture'),
    ...(absent.length > 0 ? [`Controls that were not run: ${absent.join(', ')}.`] : []),
    ...(trials.some((t) => t.split === 'test' && t.state === 'done')
      ? []
      : ['The test split was not evaluated: nothing is said about generalisation.']),
    ...(attacks ? ['Robust accuracy under any attack is an upper bound: a stronger attack may lower it.'] : []),
    'nc1 divides by the smallest eigenvalue of Sigma_B: where that is marked ill-conditioned, read the quotient and the angle instead.',
  ];
}

function versions({ tables }: View): Markup {
  const unique = (pick: (c: (typeof tables.cells)[number]) => string | undefined): string =>
    [...new Set(tables.cells.flatMap((c) => pick(c) ?? []))].sort().join(', ') || 'none recorded';
  const rows: readonly (readonly [string, string])[] = [
    ['plan', tables.planDigest],
    ['backend', unique((c) => c.backend)],
    ['threads', unique((c) => c.threads?.toString())],
    ['device', unique((c) => c.device)],
    ['build', unique((c) => c.buildId)],
    [
      'versions',
      unique(
        (c) =>
          c.versions &&
          Object.entries(c.versions)
            .map(([k, v]) => `${k} ${v}`)
            .join(', '),
      ),
    ],
  ];
  return html`<dl class="versions">
    ${rows.map(
      ([k, v]) =>
        html`<div>
          <dt>${k}</dt>
          <dd>${v}</dd>
        </div>`,
    )}
  </dl>`;
}

const files: readonly (readonly [string, string])[] = [
  ['results.csv', 'one line per trial, science columns only: equal wherever the sweep ran'],
  ['results.parquet', 'the same, typed'],
  ['evaluations.parquet', 'one line per evaluation: accuracy and loss, with clean points under each attack'],
  ['matrices.csv', 'per-class vectors and class × class matrices'],
  ['data-dictionary.md', 'what every column means'],
  ['provenance.json', 'sweep, cells, versions, conventions'],
  ['figures/', 'each figure as SVG, ready to be converted to PDF, and its numbers as CSV'],
  ['tables/', 'LaTeX'],
  ['report.md', 'this report without pictures'],
];

export function cannotSay(view: View): Markup {
  const all = limits(view);
  return foldedSection(
    { id: 'limits', title: 'What this sweep cannot say', summary: counted(all.length, 'limit'), isOpen: true },
    html`<ul class="prose">
      ${all.map((l) => html`<li>${l}</li>`)}
    </ul>`,
  );
}

export const provenance = (view: View): Markup =>
  foldedSection(
    {
      id: 'provenance',
      title: 'Provenance and conventions',
      summary: 'how the numbers were made, and the files beside this page',
      isOpen: false,
    },
    html`<h3>Conventions</h3>
      <ul class="prose">
        ${conventions(view.tables.sweep).map((c) => html`<li>${c}</li>`)}
      </ul>
      <h3>Made by</h3>
      ${versions(view)}
      <h3>Files beside this page</h3>
      <dl class="versions">
        ${files.map(
          ([name, what]) =>
            html`<div>
              <dt><code>${name}</code></dt>
              <dd>${what}</dd>
            </div>`,
        )}
      </dl>
      <p class="note">
        Every dot and number carries its trial id: <code>ncsweep show ID</code> prints the whole story of that trial.
      </p>`,
  );
