/** Everything that is known about one cell, with the commands that act on it: they are copied, not run. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CellStory } from '@ncsweep/orchestrator/engine/story/story';
import type { ViewProps } from '../view-props.ts';
import { dateText, durationText, numberText, stateWords } from '../format.ts';
import { html } from '../html.ts';
import { go } from '../route.ts';

type CellProps = ViewProps & { readonly cell: number };

export function CellPanel({ model, sweep, cell }: CellProps): VNode {
  model.observe();
  const state = sweep.state(cell);
  const [story, setStory] = useState<CellStory | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    model.source.story(sweep.head.name, cell).then(
      (told) => {
        if (isWanted) setStory(told);
      },
      (error: unknown) => {
        if (isWanted) setProblem(error instanceof Error ? error.message : String(error));
      },
    );
    return () => {
      isWanted = false;
    };
  }, [cell, state]);
  const [row, column] = sweep.label(cell);
  return html`<aside class="panel" aria-label="Cell">
    <header>
      <div>
        <h2>${row}</h2>
        <p class="soft">${column}</p>
      </div>
      <button class="close" aria-label="Close" onClick=${() => go({ cell: undefined })}>×</button>
    </header>
    <p><span class=${`pill ${state}`}>${stateWords[state]}</span></p>
    ${problem !== undefined && html`<p class="notice">${problem}</p>`}
    ${story === undefined ? problem === undefined && html`<p class="soft">Reading…</p>` : html`<${Story} story=${story} sweep=${sweep} />`}
  </aside>`;
}

function Story({ story, sweep }: { readonly story: CellStory; readonly sweep: CellProps['sweep'] }): VNode {
  const { commands } = sweep.head;
  const { result, failure } = story;
  return html`
    ${
      failure !== undefined &&
      html`<p><b>${failure.class}</b>${failure.atStep !== undefined && ` at step ${failure.atStep}`}: ${failure.message}</p>
        <h3>Last lines of its log</h3>
        <pre class="log">${failure.logTail.trimEnd() || '(nothing)'}</pre>
        <h3>To try it again, after mending the cause</h3>
        <${Command} text=${commands.retry} />`
    }
    ${failure === undefined && story.reason !== undefined && html`<p>${story.reason}</p>`}
    ${
      result !== undefined &&
      html`<h3>Result</h3>
        <${Pairs} of=${scalarsOf(result.scalars)} />`
    }
    <h3>Cell</h3>
    <${Pairs}
      of=${[
        ['id', story.cellId.slice(0, 16)],
        ['kind', story.kind],
        ...(result === undefined
          ? []
          : [
              ['computed', durationText(result.times.computeMs / 1000)],
              ['ended', dateText(result.times.endMs)],
              ['on', `${result.numerics.backend}, ${result.numerics.threads} thread(s), ${result.numerics.device}`],
              ['build', result.buildId],
            ]),
      ]}
    />
    <${Command} text=${`${commands.show} ${story.cellId.slice(0, 16)}`} />
    <h3>Parameters</h3>
    <${Pairs} of=${Object.entries(story.params).map(([name, value]) => [name, plainText(value)])} />
    ${
      story.inputs.length > 0 &&
      html`<h3>Made from</h3>
        <ul class="plain">
          ${story.inputs.map((input) => html`<li><span class=${`pill ${input.state}`}>${input.state}</span> ${input.label}</li>`)}
        </ul>`
    }
    <${Attempts} story=${story} />
    ${
      result !== undefined &&
      result.artifacts.length > 0 &&
      html`<h3>Artifacts</h3>
        <${Pairs}
          of=${result.artifacts.map(({ name, sizeBytes, sha256 }) => [name, `${sizeBytes} bytes, sha256 ${sha256.slice(0, 12)}…`])}
        />`
    }
  `;
}

function Attempts({ story }: { readonly story: CellStory }): VNode | null {
  if (story.attempts.length === 0) return null;
  return html`<h3>Attempts</h3>
    <ul class="plain">
      ${story.attempts.map(({ attemptId, start, end }) => {
        const began = start === undefined ? attemptId : `${dateText(start.startedAt)} by ${start.worker} on ${start.node}`;
        const ended = end === undefined ? '' : [end.outcome, end.class, end.message].filter(Boolean).join(' ');
        const won = story.result?.attemptId === attemptId ? 'its result counts' : '';
        return html`<li>${began}<br /><span class="soft">${ended || won || 'no end written: running, or killed'}</span></li>`;
      })}
    </ul>`;
}

const scalarsOf = (scalars: Readonly<Record<string, number>>): readonly (readonly string[])[] =>
  Object.entries(scalars).map(([name, value]) => [name, numberText(value)]);

const plainText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ') : String(value);

function Pairs({ of }: { readonly of: readonly (readonly string[])[] }): VNode {
  return html`<dl class="pairs">
    ${of.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

function Command({ text }: { readonly text: string }): VNode {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return html`<div class="command"><code>${text}</code><button onClick=${copy}>${isCopied ? 'Copied' : 'Copy'}</button></div>`;
}
