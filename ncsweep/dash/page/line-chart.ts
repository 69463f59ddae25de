/** A chart of lines: the mean of the seeds with every seed behind it, on one axis of epochs or budgets. */
import type { VNode } from 'preact';
import { numberText } from './format.ts';
import { html } from './html.ts';

export interface ChartLine {
  readonly name: string;
  readonly colour: string;
  /** One for each seed: [x, y] with x ascending. */
  readonly seeds: readonly (readonly (readonly [number, number])[])[];
}

export interface ChartProps {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly isLog: boolean;
  readonly xTitle: string;
  readonly xText: (x: number) => string;
}

const size = { width: 460, height: 250, left: 46, right: 10, top: 10, bottom: 34 };

/** By x, the mean, least and greatest of the seeds that have it. */
export function bandOf(
  seeds: ChartLine['seeds'],
): readonly { readonly x: number; readonly mean: number; readonly low: number; readonly high: number }[] {
  const byX = Map.groupBy(seeds.flat(), ([x]) => x);
  return [...byX]
    .map(([x, points]) => {
      const values = points.map(([, y]) => y);
      return { x, mean: values.reduce((a, b) => a + b, 0) / values.length, low: Math.min(...values), high: Math.max(...values) };
    })
    .sort((a, b) => a.x - b.x);
}

/** Round numbers that cover a range. */
export function ticksOf(low: number, high: number, isLog: boolean): readonly number[] {
  if (isLog) {
    const [from, to] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const step = Math.max(1, Math.ceil((to - from) / 5));
    const decades = Array.from({ length: Math.max(0, Math.floor((to - from) / step) + 1) }, (_, i) => 10 ** (from + i * step));
    return decades.length >= 2 ? decades : [low, Math.sqrt(low * high), high];
  }
  const rough = (high - low) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * ([1, 2, 5, 10].find((m) => m * size >= rough) ?? 10);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

export function LineChart({ title, lines, isLog, xTitle, xText }: ChartProps): VNode {
  const points = lines.flatMap(({ seeds }) => seeds.flat());
  const ys = points.map(([, y]) => y);
  const xs = [...new Set(points.map(([x]) => x))].sort((a, b) => a - b);
  const [low, high] = rangeOf(ys, isLog);
  const x = (value: number): number =>
    size.left + ((size.width - size.left - size.right) * (value - xs[0]!)) / Math.max(1e-9, xs.at(-1)! - xs[0]!);
  const share = (value: number): number => (isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low));
  const y = (value: number): number => size.height - size.bottom - (size.height - size.top - size.bottom) * share(value);
  const path = (line: readonly (readonly [number, number])[]): string =>
    line.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('');
  return html`<figure class="chart">
    <h2>${title}</h2>
    <svg
      viewBox=${`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-label=${`${title} by ${xTitle}: ${lines.map(({ name }) => name).join(', ')}`}
    >
      ${ticksOf(low, high, isLog).map(
        (tick) =>
          html`<line class="grid-line" x1=${size.left} x2=${size.width - size.right} y1=${y(tick)} y2=${y(tick)} />
            <text x=${size.left - 7} y=${y(tick) + 4} text-anchor="end">${numberText(tick)}</text>`,
      )}
      ${fewOf(xs, x).map((tick) => html`<text x=${x(tick)} y=${size.height - size.bottom + 17} text-anchor="middle">${xText(tick)}</text>`)}
      <text x=${(size.left + size.width) / 2} y=${size.height - 2} text-anchor="middle">${xTitle}</text>
      ${lines.map(({ colour, seeds }) => {
        const band = bandOf(seeds);
        const edge = [...band.map((b) => [b.x, b.high] as const), ...band.toReversed().map((b) => [b.x, b.low] as const)];
        return html`<path d=${`${path(edge)}Z`} fill=${colour} opacity="0.13" />
          ${seeds.map((line) => html`<path d=${path(line)} fill="none" stroke=${colour} stroke-width="1" opacity="0.45" />`)}
          <path
            d=${path(band.map((b) => [b.x, b.mean]))}
            fill="none"
            stroke=${colour}
            stroke-width="2.2"
            stroke-linejoin="round"
          />
          ${band.map((b) => html`<circle cx=${x(b.x)} cy=${y(b.mean)} r="2.6" fill=${colour} />`)}`;
      })}
    </svg>
  </figure>`;
}

function rangeOf(ys: readonly number[], isLog: boolean): readonly [number, number] {
  const usable = ys.filter((value) => Number.isFinite(value) && (!isLog || value > 0));
  const [low, high] = [Math.min(...usable), Math.max(...usable)];
  if (!isLog) return low >= 0 && high <= 1 ? [0, 1] : [low, high > low ? high : low + 1];
  return high > low ? [low * 0.9, high * 1.1] : [low / 2, high * 2];
}

/** Values whose labels do not touch. */
function fewOf(xs: readonly number[], x: (value: number) => number): readonly number[] {
  const kept: number[] = [];
  for (const value of xs) if (kept.length === 0 || x(value) - x(kept.at(-1)!) > 34) kept.push(value);
  return kept;
}
