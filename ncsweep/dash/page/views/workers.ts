/** What each worker did and does: a line of time for each. */
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Span, Timeline } from '../../state/wire.ts';
import type { ViewProps } from '../view-props.ts';
import { chromeTrace } from '../chrome-trace.ts';
import type { ClientSweep } from '../client-sweep.ts';
import { countText, durationText, numberText, timeText } from '../format.ts';
import { html } from '../html.ts';
import { go } from '../route.ts';

const everyMs = 2000;
const laneHeight = 26;
/** A pause longer than this is cut out, so that a sweep that was continued a day later still shows its work. */
const longPauseMs = 10 * 60_000;
const mostDrawn = 4000;

export function WorkersView({ model, sweep }: ViewProps): VNode {
  const [timeline, setTimeline] = useState<Timeline | undefined>(undefined);
  const [problem, setProblem] = useState<string | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    let seen = -1;
    const ask = (): void => {
      if (seen === sweep.version) return;
      seen = sweep.version;
      model.source.timeline(sweep.head.name).then(
        (told) => {
          if (!isWanted) return;
          setTimeline(told);
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
  if (timeline === undefined)
    return problem === undefined
      ? html`<p class="opening">Reading the attempts…</p>`
      : html`<p class="notice" role="alert">The attempts cannot be read: ${problem}</p>`;
  if (timeline.spans.length === 0)
    return html`<div class="empty">
      <h1>No work yet</h1>
      <p>A line for each worker appears with its first cell.</p>
    </div>`;
  return html`<${Now} model=${model} sweep=${sweep} /><${Lanes} timeline=${timeline} sweep=${sweep} />`;
}

/** What is being computed, in words. */
function Now({ model, sweep }: ViewProps): VNode | null {
  model.observe();
  const busy = sweep.live.workers.filter(({ cell }) => cell !== undefined);
  if (busy.length === 0) return null;
  return html`<ul class="plain">
    ${busy.slice(0, 12).map(({ worker, cell, epoch, epochs, values, sinceMs }) => {
      const pace = epoch === undefined ? '' : `epoch ${numberText(epoch)}${epochs === undefined ? '' : ` of ${epochs}`}`;
      const numbers = Object.entries(values).map(([name, value]) => `${name} ${numberText(value)}`);
      const since = durationText(Math.max(0, (model.nowMs.value - sinceMs) / 1000));
      return html`<li>
        <b>${worker}</b> ${sweep.label(cell!).join(' ')}
        <span class="soft">${[pace, ...numbers, `for ${since}`].filter(Boolean).join(' · ')}</span>
      </li>`;
    })}
    ${busy.length > 12 && html`<li class="soft">and ${busy.length - 12} more workers</li>`}
  </ul>`;
}

/** Maps times to px of a drawing without the long pauses. */
function axisOf(
  spans: readonly Span[],
  nowMs: number,
): { readonly x: (ms: number) => number; readonly cuts: readonly number[]; readonly lengthMs: number } {
  const pieces: { from: number; to: number; at: number }[] = [];
  let at = 0;
  for (const { startMs, endMs = nowMs } of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = pieces.at(-1);
    if (last !== undefined && startMs <= last.to + longPauseMs) last.to = Math.max(last.to, endMs);
    else {
      if (last !== undefined) at += last.to - last.from;
      pieces.push({ from: startMs, to: endMs, at });
    }
  }
  const end = pieces.at(-1)!;
  const lengthMs = Math.max(1, end.at + end.to - end.from);
  return {
    x: (ms) => {
      const piece = pieces.findLast(({ from }) => from <= ms) ?? pieces[0]!;
      return (piece.at + Math.min(ms, piece.to) - piece.from) / lengthMs;
    },
    cuts: pieces.slice(1).map((piece) => piece.at / lengthMs),
    lengthMs,
  };
}

const look = (span: Span, sweep: ClientSweep): string => {
  if (span.outcome === 'committed' || span.outcome === 'duplicate') return sweep.isWeights(span.cell) ? 'is-training' : 'is-done';
  return { running: 'is-running', failed: 'is-parked', 'given-back': 'is-given', unknown: 'is-given' }[span.outcome];
};

function Lanes({ timeline, sweep }: { readonly timeline: Timeline; readonly sweep: ClientSweep }): VNode {
  const [hover, setHover] = useState<Span | undefined>(undefined);
  const spans = timeline.spans.slice(-mostDrawn);
  const nowMs = Math.max(
    ...spans.map(({ startMs, endMs }) => endMs ?? startMs),
    spans.some(({ endMs }) => endMs === undefined) ? Date.now() : 0,
  );
  const workers = [...new Set(spans.map(({ worker }) => worker))].sort(byNumber);
  const lane = new Map(workers.map((worker, i) => [worker, i]));
  const { x, cuts, lengthMs } = axisOf(spans, nowMs);
  const width = 1000;
  const leftOut = timeline.leftOut + timeline.spans.length - spans.length;
  const save = (): void => {
    const blob = new Blob([chromeTrace(timeline.spans, (cell) => sweep.label(cell).join(' '), nowMs)], {
      type: 'application/json',
    });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${sweep.head.name}.trace.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return html`<div class="tools">
      <ul class="facts">
        <li><i class="swatch is-training"></i>training</li>
        <li><i class="swatch is-done"></i>evaluation</li>
        <li><i class="swatch is-running"></i>running</li>
        <li><i class="swatch is-parked"></i>failed</li>
        <li><i class="swatch is-given"></i>given back, or no end known</li>
      </ul>
      <span class="push"><button onClick=${save}>Save as Chrome trace</button></span>
    </div>
    <div class="lanes">
      <div class="lane-names">${workers.map((worker) => html`<span title=${worker}>${worker}</span>`)}</div>
      <svg
        viewBox=${`0 0 ${width} ${workers.length * laneHeight}`}
        preserveAspectRatio="none"
        style=${{ height: `${workers.length * laneHeight}px` }}
        role="img"
        aria-label=${`What ${workers.length} workers did in ${durationText(lengthMs / 1000)}`}
        onMouseLeave=${() => setHover(undefined)}
      >
        ${workers.map((_, i) => html`<line class="grid-line" x1="0" x2=${width} y1=${(i + 1) * laneHeight - 0.5} y2=${(i + 1) * laneHeight - 0.5} vector-effect="non-scaling-stroke" />`)}
        ${cuts.map((cut) => html`<line class="cut" x1=${cut * width} x2=${cut * width} y1="0" y2=${workers.length * laneHeight} vector-effect="non-scaling-stroke" />`)}
        ${spans.map((span) => {
          const [from, to] = [x(span.startMs) * width, x(span.endMs ?? nowMs) * width];
          return html`<rect
            class=${look(span, sweep)}
            x=${from}
            y=${lane.get(span.worker)! * laneHeight + 5}
            width=${Math.max(0.6, to - from - 0.25)}
            height=${laneHeight - 10}
            onMouseEnter=${() => setHover(span)}
            onClick=${() => go({ cell: span.cell })}
          />`;
        })}
      </svg>
    </div>
    <p class="soft" role="status">
      ${hover === undefined ? `${countText(spans.length)} attempts in ${durationText(lengthMs / 1000)} of work. Long pauses are cut out.` : spanText(hover, sweep)}
      ${leftOut > 0 && ` ${countText(leftOut)} earlier ones are not drawn.`}
    </p>`;
}

const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

function spanText({ cell, startMs, endMs, outcome, message }: Span, sweep: ClientSweep): string {
  const took = endMs === undefined ? 'still running' : `${outcome} after ${durationText((endMs - startMs) / 1000)}`;
  return [`${sweep.label(cell).join(' ')}: began ${timeText(startMs)}, ${took}`, message].filter(Boolean).join('. ');
}
