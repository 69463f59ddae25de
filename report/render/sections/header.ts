/** 1. The question, a one-sentence answer, what it rests on, and the line that reproduces it. */
import type { Outcome } from '../../aggregate/verdict.ts';
import { html, type Markup } from '../markup.ts';
import { counted, isSynthetic, stratumName, type View } from '../view.ts';

const outcomes: readonly Outcome[] = ['Supported', 'Contradicted', 'Inconclusive', 'Not measured'];

/** "Supported: … Inconclusive: …" with the claims in words. */
function answer({ verdicts }: View): Markup {
  const only = verdicts.strata.length === 1;
  const sentences = outcomes.flatMap((outcome) => {
    const claims = verdicts.claims.flatMap((claim, i) => {
      const count = verdicts.strata.filter((s) => s.verdicts[i]?.outcome === outcome).length;
      const share = only ? '' : ` (${count} of ${verdicts.strata.length})`;
      return count === 0 ? [] : [`${claim.phrase}${share}`];
    });
    return claims.length === 0 ? [] : [html`<strong>${outcome}:</strong> ${claims.join('; ')}. `];
  });
  return html`${sentences}`;
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
    view.verdicts.strata.length > 1 ? ` Judged apart for ${list(view.verdicts.strata.map((s) => stratumName(s.stratum)))}.` : '';
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
