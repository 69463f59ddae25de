/** 1. The question, a one-sentence answer, what it rests on, and the line that reproduces it. */
import type { Outcome } from '../../aggregate/verdict.ts';
import { notOnTest } from '../../aggregate/verdict-lines.ts';
import { html, type Markup } from '../markup.ts';
import { counted, isSynthetic, nameOf, type View } from '../view.ts';

const outcomes: readonly Outcome[] = ['Supported', 'Contradicted', 'Inconclusive', 'Not measured'];

/** "Supported on training data: … Inconclusive: …", and what of it the test split does not show. */
function answer({ verdicts }: View): Markup {
  const only = verdicts.strata.length === 1;
  const decided: readonly Outcome[] = ['Supported', 'Contradicted'];
  const sentences = outcomes.flatMap((outcome) => {
    const claims = verdicts.claims.flatMap((claim, i) => {
      const count = verdicts.strata.filter((s) => s.verdicts[i]?.outcome === outcome).length;
      const share = only ? '' : ` (${count} of ${verdicts.strata.length})`;
      return count === 0 ? [] : [`${claim.phrase}${share}`];
    });
    const split = decided.includes(outcome) ? ' on training data' : '';
    return claims.length === 0 ? [] : [html`<strong>${outcome}${split}:</strong> ${claims.join('; ')}. `];
  });
  return html`${sentences}${testSentence(verdicts)}`;
}

/** What a claim that training data support lacks on test data; silent where both agree or no test split was evaluated. */
function testSentence({ claims, strata }: View['verdicts']): Markup | undefined {
  const lacking = claims.flatMap((claim, i) => {
    const names = strata.flatMap((s) => {
      const verdict = s.verdicts[i];
      return verdict?.outcome === 'Supported' ? notOnTest(verdict).map(({ contrast }) => contrast.short) : [];
    });
    return names.length === 0 ? [] : [`claim ${claim.number} (${[...new Set(names)].join(', ')})`];
  });
  return lacking.length === 0 ? undefined : html`<strong>Test data do not show</strong> all of this: ${lacking.join('; ')}.`;
}

export function badge(view: View): Markup {
  return isSynthetic(view)
    ? html`<span class="badge caution">Synthetic data · qualitative only</span>`
    : html`<span class="badge">Real data</span>`;
}

const list = (names: readonly string[]): string => names.join(', ');

export function header(view: View): Markup {
  const { sweep, trials, cells, planDigest } = view.tables;
  const done = trials.filter((t) => t.state === 'done').length;
  const backends = [...new Set(cells.flatMap((c) => c.backend ?? []))];
  const facts: readonly (readonly [string, string])[] = [
    ['Data', list(sweep.datasets.map((d) => d.name))],
    ['Networks', list(sweep.architectures.map((a) => a.name))],
    ['Trainings', list(sweep.trainings.map((t) => t.name))],
    ['Replicates', `n = ${counted(sweep.seeds.length, 'seed')} each`],
    ['Complete', `${counted(done, 'trial')} of ${trials.length.toLocaleString('en-US')}`],
    ['Backend', backends.length === 0 ? 'nothing ran' : list(backends)],
  ];
  const several =
    view.verdicts.strata.length > 1 ? ` Judged apart for ${list(view.verdicts.strata.map((s) => nameOf(view, s)))}.` : '';
  return html`<header>
    <p class="kicker">ncsweep report <span class="slash">/</span> ${sweep.name} ${badge(view)}</p>
    <h1>${sweep.question}</h1>
    <p class="answer">${answer(view)}${several}</p>
    <dl class="facts">
      ${facts.map(
        ([k, v]) =>
          html`<div>
            <dt>${k}</dt>
            <dd>${v}</dd>
          </div>`,
      )}
    </dl>
    <p class="command">
      <code>ncsweep run ${sweep.name}.yaml${backends.length === 1 ? ` --backend ${backends[0] ?? ''}` : ''}</code>
      <span class="note">reproduces it; plan <code>${planDigest.slice(0, 16)}</code></span>
    </p>
  </header>`;
}
