/** Axes of panels, fitted to their lines. */
import type { YAxis } from '@ncsweep/catalog/claims/sections/section';
import { formatTick } from '../../aggregate/format.ts';
import type { Scale } from '../../aggregate/interval.ts';
import type { Axis, Line } from '../line-figure.ts';

const format = (tick: number | string): string => formatTick(Number(tick));

export function yAxis({ label, domain, ticks }: YAxis, scale: Scale, lines: readonly Line[]): Axis {
  if (domain !== undefined) return { label, type: scale, domain, format, ...(ticks && { ticks }) };
  return scale === 'log' ? logAxis(label, lines) : zeroAxis(label, lines);
}

const valuesOf = (lines: readonly Line[]): readonly number[] =>
  lines.flatMap((l) => l.points.flatMap((p) => [p.interval.mean, ...p.samples.map((s) => s.value)]));

/** Powers of ten that cover the points, so that a log axis ends at round numbers. */
function logAxis(label: string, lines: readonly Line[]): Axis {
  const values = valuesOf(lines).filter((v) => v > 0);
  const low = Math.floor(Math.log10(Math.min(...values, 1)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1e-12))));
  const every = Math.ceil((high - low) / 6);
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((p) => (p - low) % every === 0);
  return {
    label,
    type: 'log',
    domain: [10 ** low, 10 ** high],
    ticks: powers.map((p) => 10 ** p),
    format: (t) => powerLabel(Number(t)),
  };
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
function powerLabel(value: number): string {
  const power = Math.round(Math.log10(value));
  if (power >= -2 && power <= 3) return formatTick(value);
  return `10${power < 0 ? '⁻' : ''}${String(Math.abs(power)).replace(/\d/g, (d) => superscripts[Number(d)] ?? d)}`;
}

/** From zero, or from the lowest number where that is negative. */
function zeroAxis(label: string, lines: readonly Line[]): Axis {
  const values = valuesOf(lines);
  const low = Math.min(0, ...values);
  return { label, type: 'linear', domain: [low * 1.08, Math.max(...values, 1e-3) * 1.08], format };
}

/** Names in order, of which at most seven are labelled. */
export function nameAxis(label: string, names: readonly string[]): Axis {
  const every = Math.ceil(names.length / 7);
  return { label, type: 'point', domain: names, ticks: names.filter((_, i) => i % every === 0) };
}
