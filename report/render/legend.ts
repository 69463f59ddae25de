/** Legends: as a list on the page, and as lines of text beneath a figure in a file. */
import type { LegendEntry, LegendMark } from './figure.ts';
import { html, type Markup } from './markup.ts';

/** Size of a key in CSS pixels. */
const [keyWidth, keyHeight] = [28, 10];
const middle = keyHeight / 2;

/** Outlines around the middle of a key, about as large as the symbols drawn. */
const outlines: Readonly<Record<string, string>> = {
  circle: 'M17 5a3 3 0 1 1-6 0a3 3 0 1 1 6 0z',
  square2: 'M11.3 2.3h5.4v5.4h-5.4z',
  triangle: 'M14 1.6l3.4 5.8h-6.8z',
  diamond2: 'M14 1.4l3.6 3.6l-3.6 3.6l-3.6-3.6z',
};

function key(mark: LegendMark): Markup {
  if (mark.kind === 'cross') return html`<path d="M10 1l8 8M18 1l-8 8" fill="none" stroke="var(--ink)" stroke-width="1.5" />`;
  const { colour, dash, symbol } = mark;
  const outline = symbol === undefined ? undefined : outlines[symbol];
  const dashes = dash === '' ? undefined : html` stroke-dasharray="${dash}"`;
  const dot = outline === undefined ? undefined : html`<path d="${outline}" fill="${colour}" />`;
  return html`<line x1="1" x2="27" y1="${middle}" y2="${middle}" stroke="${colour}" stroke-width="2.25" ${dashes} />${dot}`;
}

export const drawLegend = (entries: readonly LegendEntry[]): Markup =>
  html`<ul class="legend">
    ${entries.map(
      ({ name, mark }) =>
        html`<li>
          <svg class="key" viewBox="0 0 ${keyWidth} ${keyHeight}" width="${keyWidth}" height="${keyHeight}" aria-hidden="true">
            ${key(mark)}</svg
          ><span>${name}</span>
        </li>`,
    )}
  </ul>`;

const [fontSize, lineHeight, gapInside, gapBetween] = [11, 17, 5, 14];
/** Of a sans-serif at this size, rather wide. */
const characterWidth = 5.9;
const widthOf = (name: string): number => keyWidth + gapInside + characterWidth * name.length;

interface Placed extends LegendEntry {
  readonly x: number;
  readonly line: number;
}

/** Entries side by side while they fit, each on one line. */
function placed(entries: readonly LegendEntry[], left: number, width: number): readonly Placed[] {
  let [x, line] = [left, 0];
  return entries.map((entry) => {
    const wide = widthOf(entry.name);
    if (x > left && x + wide > width) [x, line] = [left, line + 1];
    const at = { ...entry, x, line };
    x += wide + gapBetween;
    return at;
  });
}

/** The legend beneath a figure that is `width` wide, from `top` on, and its height; CSS pixels. */
export function legendBelow(
  entries: readonly LegendEntry[],
  left: number,
  width: number,
  top: number,
): { readonly markup: Markup; readonly width: number; readonly height: number } {
  const all = placed(entries, left, width);
  const markup = html`${all.map(
    ({ name, mark, x, line }) =>
      html`<g transform="translate(${x},${top + line * lineHeight})"
        >${key(mark)}<text x="${keyWidth + gapInside}" y="${middle + 4}" font-size="${fontSize}">${name}</text></g
      >`,
  )}`;
  const widest = Math.max(width, ...all.map(({ x, name }) => x + widthOf(name) + left));
  return { markup, width: widest, height: all.length === 0 ? 0 : ((all.at(-1)?.line ?? 0) + 1) * lineHeight + 4 };
}
