/** Colours of the theme as a canvas needs them: resolved once for light and once for dark. */
import type { CellStateName, Headline } from '../state/wire.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

export interface Palette {
  readonly paper: Rgb;
  readonly ink: Rgb;
  readonly soft: Rgb;
  readonly rule: Rgb;
  readonly states: Readonly<Record<CellStateName, Rgb>>;
  /** From the lowest to the highest value. */
  readonly ramp: readonly Rgb[];
}

export const css = ([red, green, blue]: Rgb): string => `rgb(${red} ${green} ${blue})`;
const rampSteps = 64;

/** What the browser makes of a colour of the style sheet. */
function resolver(): (colour: string) => Rgb {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const style = getComputedStyle(document.documentElement);
  return (colour) => {
    context.fillStyle = colour.replace(/var\((--[\w-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim());
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
}

function readPalette(): Palette {
  const of = resolver();
  const mixed = (name: string, share: number): Rgb => of(`color-mix(in oklab, var(--${name}) ${share}%, var(--paper))`);
  return {
    paper: of('var(--paper)'),
    ink: of('var(--ink)'),
    soft: of('var(--ink-soft)'),
    rule: of('var(--rule)'),
    states: {
      waiting: of('var(--none-wash)'),
      running: of('var(--orange)'),
      done: mixed('blue', 62),
      parked: of('var(--bad)'),
      blocked: mixed('purple', 62),
    },
    ramp: Array.from({ length: rampSteps }, (_, i) => mixed('heat', 8 + (92 * i) / (rampSteps - 1))),
  };
}

const darkQuery = matchMedia('(prefers-color-scheme: dark)');
let known: Palette | undefined;

export function palette(): Palette {
  known ??= readPalette();
  return known;
}

/** @returns a function that ends it */
export function onThemeChange(listener: () => void): () => void {
  const changed = (): void => {
    known = undefined;
    listener();
  };
  darkQuery.addEventListener('change', changed);
  return () => darkQuery.removeEventListener('change', changed);
}

/** How a value becomes a place on the ramp. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly isLog: boolean;
}

/** Shares are shown from 0 to 1; what has no bound is shown from its least to its greatest value, by its logarithm. */
export function scaleOf(name: Headline, values: Float32Array): Scale {
  if (name === 'accuracy') return { low: 0, high: 1, isLog: false };
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!(value > 0 && value < Infinity)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return { low: 0.1, high: 1, isLog: true };
  return low === high ? { low: low / 2, high: 2 * high, isLog: true } : { low, high, isLog: true };
}

/** @returns 0 … 1; NaN for a value that is no number */
export function shareOf(value: number, { low, high, isLog }: Scale): number {
  if (!Number.isFinite(value)) return NaN;
  const share = isLog ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, share));
}

export function onRamp(share: number, { ramp }: Palette): Rgb {
  return ramp[Math.round(share * (ramp.length - 1))]!;
}
