/** How numbers are written for people: minus signs, no zero before the decimal point, as many digits as the interval supports. */
import type { Interval } from './interval.ts';

const dress = (text: string): string =>
  text
    .replace(/^(-?)0\./, '$1.')
    .replace('-', '−')
    .replace(/e\+?(−?-?)0*/, 'e$1')
    .replace('e-', 'e−');

/** Three significant digits: "125", "3.18", ".0731", "3.2e−5". */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return dress(value.toExponential(digits - 1));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  if (size < 1000) return dress(value.toFixed(decimals));
  const step = 10 ** Math.max(0, Math.floor(Math.log10(size)) - 2);
  return dress((Math.round(value / step) * step).toFixed(0)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** For axes and shares, without redundant digits: "1" and ".25" rather than "1.00" and ".250". */
export const formatTick = (value: number): string =>
  formatNumber(value)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');

function decimalsFor(values: readonly number[]): number {
  const size = Math.max(...values.map(Math.abs));
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : Math.min(8, 1 - Math.floor(Math.log10(size)));
}

const fixed = (value: number, decimals: number): string => {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? '0' : dress(text);
};

/** More decimals where a bound near zero would round to zero, because its side of zero is what matters. */
function telling(decimals: number, bounds: readonly number[]): number {
  const isHidden = (at: number): boolean => bounds.some((b) => b !== 0 && Number(b.toFixed(at)) === 0);
  let enough = decimals;
  while (enough < 8 && isHidden(enough)) enough += 1;
  return enough;
}

/** "+.75 [.70, .80]", "−13.2° [−14.2, −12.2]", "×125 [24, 655]"; without brackets for n = 1. */
export function formatContrast(interval: Interval, unit: string): string {
  const { mean, bounds } = interval;
  if (interval.scale === 'log') {
    const range = bounds === undefined ? '' : ` [${bounds.map((b) => formatNumber(b, 2)).join(', ')}]`;
    return `×${formatNumber(mean)}${range}`;
  }
  const decimals = telling(decimalsFor(bounds === undefined ? [mean] : [mean, ...bounds]), bounds ?? []);
  const range = bounds === undefined ? '' : ` [${bounds.map((b) => fixed(b, decimals)).join(', ')}]`;
  return `${mean > 0 ? '+' : ''}${fixed(mean, decimals)}${unit}${range}`;
}

/** A level rather than a contrast: ".98 [.96, 1.00]". */
export function formatLevel(interval: Interval, unit = ''): string {
  const { mean, bounds } = interval;
  const decimals = Math.min(3, decimalsFor([mean]));
  const write = (v: number): string => (interval.scale === 'log' ? formatNumber(v) : fixed(v, decimals));
  return `${write(mean)}${unit}${bounds === undefined ? '' : ` [${bounds.map(write).join(', ')}]`}`;
}
