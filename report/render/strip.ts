/** A contrast as a strip a few millimetres high: seeds, interval, and the position of no difference. */
import type { ContrastResult } from '../aggregate/contrast.ts';
import { nothing, toScale } from '../aggregate/interval.ts';
import { html, type Markup } from './markup.ts';

const width = 132;
const height = 22;

export function strip({ contrast, interval, samples, outcome }: ContrastResult): Markup | undefined {
  if (interval === undefined) return undefined;
  const on = (v: number): number => toScale(v, contrast.scale);
  const none = on(nothing(contrast.scale));
  const values = [...samples.map((s) => on(s.value)), ...(interval.bounds ?? []).map(on), none];
  const reach = Math.max(...values.map((v) => Math.abs(v - none))) || 1;
  const x = (v: number): string => (width / 2 + ((v - none) / reach) * (width / 2 - 6)).toFixed(1);
  const middle = height / 2;
  const [low, high] = interval.bounds ?? [];
  const predicted = contrast.predicted === '+' ? width / 2 : 0;
  const dots = samples.map(
    (s) =>
      html`<circle cx="${x(on(s.value))}" cy="${middle}" r="2.6"
        ><title>seed ${s.seed}: ${s.value.toPrecision(3)}</title></circle
      >`,
  );
  return html`<svg
    class="strip ${outcome}"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    aria-hidden="true"
  >
    <rect class="side" x="${predicted}" y="1" width="${width / 2}" height="${height - 2}" />
    <line class="none" x1="${width / 2}" x2="${width / 2}" y1="1" y2="${height - 1}" />
    ${low === undefined || high === undefined ? undefined : html`<line class="range" x1="${x(on(low))}" x2="${x(on(high))}" y1="${middle}" y2="${middle}" />`}${dots}
  </svg>`;
}
