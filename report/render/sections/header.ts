/** 1. The question, a one-sentence answer, what it rests on, and the command that reproduces it. */
import type { Claim } from '@ncsweep/catalog/claims/claim';
import type { ClaimVerdict, Outcome, Verdicts } from '../../aggregate/verdict.ts';
import { claimName, dataOf, notOnTest } from '../../aggregate/verdict-lines.ts';
import { html, type Markup } from '../markup.ts';
import { counted, isSynthetic, nameOf, type View } from '../view.ts';

const outcomes: readonly Outcome[] = ['Supported', 'Contradicted', 'Inconclusive', 'Not measured'];

interface Judged {
  readonly claim: Claim;
  /** "claim 3", or with several sets "claim su2023 3". */
  readonly name: string;
  readonly verdicts: readonly ClaimVerdict[];
}

/** Every claim of every set with its verdict in each stratum. */
const judgedClaims = (verdicts: Verdicts): readonly Judged[] =>
  verdicts.sets.flatMap((set) =>
    set.claims.map((claim, i) => ({
      claim,
      name: `claim ${claimName(verdicts, set, claim)}`,
      verdicts: set.strata.flatMap((stratum) => stratum.verdicts[i] ?? []),
    })),
  );

/** What decides a claim: " on training data". */
function decidedBy({ contrasts, headline }: Claim): string {
  const contrast = contrasts.find(({ id }) => id === headline);
  return contrast === undefined ? '' : ` on ${dataOf(contrast)}`;
}

/** "Supported on training data: … Inconclusive: …", and which of it the test split does not show. */
function answer(judged: readonly Judged[]): Markup {
  const decided: readonly Outcome[] = ['Supported', 'Contradicted'];
  const sentences = outcomes.flatMap((outcome) => {
    const phrases = new Map<string, string[]>();
    for (const { claim, verdicts } of judged) {
      const count = verdicts.filter((verdict) => verdict.outcome === outcome).length;
      if (count === 0) continue;
      const share = verdicts.length === 1 ? '' : ` (${count} of ${verdicts.length})`;
      const by = decided.includes(outcome) ? decidedBy(claim) : '';
      phrases.set(by, [...(phrases.get(by) ?? []), `${claim.phrase}${share}`]);
    }
    return [...phrases].map(([by, texts]) => html`<strong>${outcome}${by}:</strong> ${texts.join('; ')}. `);
  });
  return html`${sentences}${testSentence(judged)}`;
}

/** What a claim that training data support lacks on test data; silent where both agree or no test split was evaluated. */
function testSentence(judged: readonly Judged[]): Markup | undefined {
  const lacking = judged.flatMap(({ name, verdicts }) => {
    const supported = verdicts.filter(({ outcome }) => outcome === 'Supported');
    const shorts = new Set(supported.flatMap((verdict) => notOnTest(verdict).map(({ contrast }) => contrast.short)));
    return shorts.size === 0 ? [] : [`${name} (${[...shorts].join(', ')})`];
  });
  return lacking.length === 0 ? undefined : html`<strong>Test data do not show</strong> all of this: ${lacking.join('; ')}.`;
}

/** The strata of sets that judge several, each once. */
function apartText(view: View): string {
  const several = view.verdicts.sets.filter(({ strata }) => strata.length > 1);
  const names = new Set(several.flatMap(({ strata }) => strata.map(({ stratum }) => nameOf(view, stratum))));
  return names.size === 0 ? '' : ` Judged separately for ${list([...names])}.`;
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
  return html`<header>
    <p class="kicker">ncsweep report <span class="slash">/</span> ${sweep.name} ${badge(view)}</p>
    <h1>${sweep.question}</h1>
    <p class="answer">${answer(judgedClaims(view.verdicts))}${apartText(view)}</p>
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
