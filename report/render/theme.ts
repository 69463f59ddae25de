/** Colours by name, in light and dark: the page's style sheet sets them, and files of figures are drawn in the light ones. */

/** Okabe and Ito's colour-blind-safe hues, darkened for white paper and lightened for black. */
const light: Readonly<Record<string, string>> = {
  paper: '#fff',
  raised: '#f7f7f4',
  ink: '#1b1b1a',
  'ink-soft': '#5a5a56',
  rule: '#e3e2dc',
  vermillion: '#b84a00',
  blue: '#0060a0',
  green: '#007a58',
  purple: '#a0497c',
  orange: '#996600',
  sky: '#22719c',
  heat: '#0060a0',
  'heat-low': '#b84a00',
  good: '#00694b',
  bad: '#a3341c',
  open: '#6d5600',
  'good-wash': '#e4f2ec',
  'bad-wash': '#fae8e3',
  'open-wash': '#f6efd9',
  'none-wash': '#efeeea',
};
const dark: typeof light = {
  paper: '#161616',
  raised: '#1f1f1e',
  ink: '#eceae4',
  'ink-soft': '#aaa8a0',
  rule: '#35342f',
  vermillion: '#f0864a',
  blue: '#62b3ea',
  green: '#3cc79b',
  purple: '#dd94bf',
  orange: '#e6a832',
  sky: '#7cc4ee',
  heat: '#62b3ea',
  'heat-low': '#f0864a',
  good: '#62cfa6',
  bad: '#f29b83',
  open: '#e0c15c',
  'good-wash': '#17302a',
  'bad-wash': '#3a211b',
  'open-wash': '#322b14',
  'none-wash': '#2a2a28',
};

const declared = (colours: typeof light): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
export const themes = { light: declared(light), dark: declared(dark) } as const;

type Triple = readonly [number, number, number];

const hexOf = (name: string): string => light[name] ?? '#000';
const digits = (hex: string): string => (hex.length === 4 ? hex.replace(/[0-9a-f]/g, (d) => d + d) : hex);
const toLinear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const fromLinear = (v: number): number => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
const times = (matrix: readonly Triple[], v: Triple): Triple =>
  matrix.map((row) => row.reduce((sum, x, i) => sum + x * v[i]!, 0)) as unknown as Triple;

/** Linear sRGB to the cone responses of Oklab, and those to Oklab, with their inverses (Ottosson 2020, CSS Color 4). */
const toCones: readonly Triple[] = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const fromCones: readonly Triple[] = [
  [4.0767416621, -3.3077115913, 0.2309699292],
  [-1.2684380046, 2.6097574011, -0.3413193965],
  [-0.0041960863, -0.7034186147, 1.707614701],
];
const toLab: readonly Triple[] = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const fromLab: readonly Triple[] = [
  [1, 0.3963377774, 0.2158037573],
  [1, -0.1055613458, -0.0638541728],
  [1, -0.0894841775, -1.291485548],
];

function oklab(hex: string): Triple {
  const rgb = [1, 3, 5].map((at) => toLinear(parseInt(digits(hex).slice(at, at + 2), 16) / 255)) as unknown as Triple;
  return times(toLab, times(toCones, rgb).map(Math.cbrt) as unknown as Triple);
}

function toHex(lab: Triple): string {
  const linear = times(fromCones, times(fromLab, lab).map((v) => v ** 3) as unknown as Triple);
  const channel = (v: number): string =>
    Math.round(255 * Math.min(1, Math.max(0, fromLinear(v))))
      .toString(16)
      .padStart(2, '0');
  return `#${linear.map(channel).join('')}`;
}

/** What CSS makes of color-mix(in oklab, a p%, b). */
function mixed(a: string, share: number, b: string): string {
  const [from, to] = [oklab(hexOf(b)), oklab(hexOf(a))];
  return toHex(from.map((v, i) => v + share * (to[i]! - v)) as unknown as Triple);
}

/** Replaces the theme's colours by those of white paper, for programs that know no CSS. */
export const onPaper = (svg: string): string =>
  svg
    .replace(/color-mix\(in oklab, var\(--([a-z-]+)\) (\d+)%, var\(--([a-z-]+)\)\)/g, (_, a: string, share: string, b: string) =>
      mixed(a, Number(share) / 100, b),
    )
    .replace(/var\(--([a-z-]+)\)/g, (_, name: string) => hexOf(name))
    .replaceAll('currentColor', hexOf('ink'));
