/** What the judge of the report says about the results so far. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ClaimNow, VerdictsNow } from '../../state/wire.ts';
import type { ViewProps } from '../view-props.ts';
import { countText, timeText } from '../format.ts';
import { html } from '../html.ts';

/** Between two questions while results come, ms: judging reads them all. */
const everyMs = 5000;

export function VerdictsView({ model, sweep }: ViewProps): VNode {
  const [verdicts, setVerdicts] = useState<VerdictsNow | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    let seen = -1;
    const ask = (): void => {
      if (seen === sweep.version) return;
      seen = sweep.version;
      model.source.verdicts(sweep.head.name).then(
        (now) => {
          if (!isWanted) return;
          setVerdicts(now);
          setProblem(undefined);
        },
        (error: unknown) => {
          if (isWanted) setProblem(error instanceof Error ? error.message : String(error));
        },
      );
    };
    ask();
    const timer = setInterval(ask, everyMs);
    return () => {
      isWanted = false;
      clearInterval(timer);
    };
  }, [sweep]);
  if (verdicts === undefined)
    return problem === undefined
      ? html`<p class="opening">Reading the results and judging them…</p>`
      : html`<p class="notice" role="alert">The results cannot be judged: ${problem}</p>`;
  const { claims, done, cells, atMs } = verdicts;
  if (claims.length === 0)
    return html`<div class="empty">
      <h1>No claims</h1>
      <p>This sweep asks for none (<code>report: {'{'}claims: none{'}'}</code>).</p>
    </div>`;
  const isOver = done === cells;
  return html`<p class="soft">
      Judged by the rules of the report on ${countText(done)} of ${countText(cells)} cells,
      at${' '}${timeText(atMs)}.${isOver ? '' : ' What is decided here may change until all seeds are in.'}
      ${problem !== undefined && ` The last attempt failed: ${problem}`}
    </p>
    <div class="cards">${claims.map((claim) => html`<${Claim} claim=${claim} isOver=${isOver} />`)}</div>`;
}

function Claim({ claim, isOver }: { readonly claim: ClaimNow; readonly isOver: boolean }): VNode {
  const { number, title, stratum, outcome, headline, seeds, seedsAsked } = claim;
  const isDecided = outcome === 'Supported' || outcome === 'Contradicted';
  const words = isOver || !isDecided ? outcome : `Would be ${outcome.toLowerCase()}`;
  return html`<article class=${`card ${outcome.replace(' ', '-')}`}>
    <h2>${number}. ${title}</h2>
    <p>
      <span class=${`pill ${outcome.replace(' ', '-')}`}>${words}</span>
      <span class="seeds">${seeds} of ${seedsAsked} ${seedsAsked === 1 ? 'seed' : 'seeds'}</span>
    </p>
    <p class="headline">${headline}</p>
    ${stratum !== '' && html`<p class="soft">${stratum}</p>`}
  </article>`;
}
