/** The frame of the page: which sweep, how far it is, how old what is shown is, and the views. */
import { useEffect } from 'preact/hooks';
import type { VNode } from 'preact';

import { countText, durationText, stateWords, timeText } from './format.ts';
import { html } from './html.ts';
import type { Link, Model } from './model.ts';
import { go, route, views, type View } from './route.ts';
import type { ViewProps } from './view-props.ts';
import { CellPanel } from './views/cell.ts';
import { CurvesView } from './views/curves.ts';
import { GridView } from './views/grid.ts';
import { RunsView } from './views/runs.ts';
import { VerdictsView } from './views/verdicts.ts';
import { WorkersView } from './views/workers.ts';

const shown: Readonly<Record<View, { readonly title: string; readonly view: (props: ViewProps) => VNode }>> = {
  grid: { title: 'Grid', view: GridView },
  runs: { title: 'Runs', view: RunsView },
  curves: { title: 'Curves', view: CurvesView },
  workers: { title: 'Workers', view: WorkersView },
  verdicts: { title: 'Verdicts so far', view: VerdictsView },
};

export function App({ model }: { readonly model: Model }): VNode {
  useShortcuts();
  const sweep = model.sweep.value;
  const title = sweep === undefined ? 'ncsweep' : `${sweep.head.name}: ncsweep`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return html`<${TopBar} model=${model} /><${Notice} model=${model} />${
      sweep === undefined ? html`<${Opening} model=${model} />` : html`<${Shown} model=${model} sweep=${sweep} />`
    }`;
}

/** Digits choose a view, unless a field is being typed into. */
function useShortcuts(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const view = views[Number(event.key) - 1];
      if (view !== undefined) go({ view });
      if (event.key === 'Escape' && route.value.cell !== undefined) go({ cell: undefined });
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function TopBar({ model }: { readonly model: Model }): VNode {
  const lines = model.lines.value ?? [];
  const name = model.sweep.value?.head.name;
  const choose = (event: Event): void => go({ sweep: (event.target as HTMLSelectElement).value, cell: undefined, where: '' });
  return html`<header class="top">
    <span class="brand">ncsweep</span>
    ${
      lines.length > 1 &&
      html`<label class="pick"
        ><span class="hidden">Sweep</span
        ><select value=${name} onChange=${choose}>
          ${lines.map((line) => html`<option value=${line.name} selected=${line.name === name}>${line.name}</option>`)}
        </select></label
      >`
    }
    <${LinkMark} model=${model} />
  </header>`;
}

/** How fresh the page is, in a few words with a mark. */
function LinkMark({ model }: { readonly model: Model }): VNode {
  const link = model.link.value;
  const age = ageOf(model);
  const text: Readonly<Record<Link['kind'], string>> = {
    loading: 'connecting',
    shown: age,
    lost: 'no connection',
    refused: 'no access',
    ended: 'ended',
    still: 'exported',
  };
  return html`<span class=${`mark ${link.kind} ${model.sweep.value?.live.source.kind ?? ''}`} role="status"
    ><i aria-hidden="true"></i>${text[link.kind]}</span
  >`;
}

function ageOf(model: Model): string {
  const sweep = model.sweep.value;
  model.observe();
  if (sweep === undefined) return 'connected';
  const { source } = sweep.live;
  const words = { reading: 'reading the store', live: 'live', watching: 'live', settled: 'finished' } as const;
  const seconds = (model.nowMs.value - source.checkedAtMs) / 1000;
  return seconds > 10 && source.kind !== 'settled' ? `as of ${timeText(source.checkedAtMs)}` : words[source.kind];
}

/** Trouble, in a sentence with its remedy. */
function Notice({ model }: { readonly model: Model }): VNode | null {
  const link = model.link.value;
  model.observe();
  const source = model.sweep.value?.live.source;
  const lost = model.sweep.value?.live.recordsLost ?? 0;
  if (link.kind === 'refused')
    return html`<p class="notice" role="alert">
      ${link.message} ${model.sweep.value !== undefined && 'What you see is what was known before.'}
    </p>`;
  if (link.kind === 'lost')
    return html`<p class="notice" role="alert">
      No connection to ncsweep since ${timeText(link.sinceMs)}.
      ${model.sweep.value !== undefined && 'What you see is from then. '}It is tried again every second.
    </p>`;
  if (link.kind === 'ended') return html`<p class="notice calm" role="status">${link.words}</p>`;
  if (source?.error !== undefined)
    return html`<p class="notice" role="alert">
      The store has not answered since ${timeText(source.checkedAtMs)}: ${source.error}. What you see is from then.
    </p>`;
  if (lost > 0)
    return html`<p class="notice calm">
      ${countText(lost)} records of workers were lost on their way. Results are not: they come from the store.
    </p>`;
  return null;
}

function Opening({ model }: { readonly model: Model }): VNode {
  const problem = model.problem.value;
  const lines = model.lines.value;
  if (problem !== undefined)
    return html`<main class="empty">
      <h1>This sweep cannot be shown</h1>
      <p>${problem}</p>
    </main>`;
  if (lines?.length === 0)
    return html`<main class="empty">
      <h1>No sweep yet</h1>
      <p>None was run with this store. This page shows the first one as soon as it begins:</p>
      <p><code>ncsweep run sweeps/quickstart.yaml</code></p>
    </main>`;
  return html`<main class="empty"><p class="opening">Reading the plan…</p></main>`;
}

function Shown({ model, sweep }: ViewProps): VNode {
  const { view, cell } = route.value;
  const { view: Chosen } = shown[view];
  return html`<div class="head">
      <h1>${sweep.head.name}</h1>
      <p class="question">${sweep.head.question}</p>
      <${Progress} model=${model} sweep=${sweep} />
    </div>
    <nav class="tabs" aria-label="Views">
      ${views.map(
        (each) =>
          html`<button aria-current=${each === view ? 'page' : undefined} onClick=${() => go({ view: each })}>
            ${shown[each].title}
          </button>`,
      )}
    </nav>
    <main class=${cell === undefined ? 'view' : 'view beside'}>
      <section class="chosen" aria-label=${shown[view].title}><${Chosen} model=${model} sweep=${sweep} /></section>
      ${cell !== undefined && cell < sweep.head.cells && html`<${CellPanel} key=${cell} model=${model} sweep=${sweep} cell=${cell} />`}
    </main>`;
}

/** How far the sweep is: a bar of its states, the same in words, and the time left. */
function Progress({ model, sweep }: ViewProps): VNode {
  model.observe();
  const counts = sweep.counts();
  const total = sweep.head.cells;
  const { source, etaSeconds, workers } = sweep.live;
  const busy = workers.filter(({ cell }) => cell !== undefined).length;
  const order = ['done', 'running', 'parked', 'blocked', 'waiting'] as const;
  const facts = [
    ...order.filter((state) => state === 'done' || counts[state] > 0).map((state) => ({ state, text: countText(counts[state]) })),
  ];
  return html`<div class="progress">
    <svg
      class="bar"
      viewBox=${`0 0 ${total} 1`}
      preserveAspectRatio="none"
      role="img"
      aria-label=${`${counts.done} of ${total} cells are done`}
    >
      ${order.map((state, i) => {
        const before = order.slice(0, i).reduce((sum, each) => sum + counts[each], 0);
        return html`<rect class=${`is-${state}`} x=${before} y="0" width=${counts[state]} height="1" />`;
      })}
    </svg>
    <ul class="facts">
      ${facts.map(({ state, text }) => html`<li><i class=${`swatch is-${state}`}></i><b>${text}</b> ${stateWords[state]}</li>`)}
      <li class="soft">of ${countText(total)} cells</li>
      ${busy > 0 && html`<li class="soft">${busy} ${busy === 1 ? 'worker' : 'workers'} at work</li>`}
      ${etaSeconds !== undefined && counts.waiting + counts.running > 0 && html`<li class="soft">about ${durationText(etaSeconds)} left</li>`}
      ${source.kind === 'reading' && html`<li class="soft">${countText(source.read ?? 0)} looked at so far</li>`}
    </ul>
  </div>`;
}
