/** Draws with Observable Plot, outside a browser. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Drawing } from './figure.ts';
import { Markup } from './markup.ts';

/** Drawn size in CSS pixels: fits a phone without scaling, and three to a row on a desktop. */
export const panelWidth = 356;

/** The parts that we use of the element that Plot returns; the project compiles without browser types. */
interface PlotElement {
  readonly outerHTML: string;
  querySelector(selector: string): { remove(): void } | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}

/** A hundredth of a pixel is enough; coordinates stand in these attributes. */
const rounded = (svg: string): string =>
  svg.replace(/ (?:d|transform|x|y|x1|x2|y1|y2|cx|cy|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
  );

/** Plot's own style sheet is left out. */
export function drawPlot(
  options: Plot.PlotOptions & { readonly width: number; readonly height: number },
  description: string,
): Drawing {
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { readonly document: never };
  const drawn = Plot.plot({ ...options, document }) as unknown as PlotElement;
  drawn.querySelector('style')?.remove();
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', description);
  for (const name of ['fill', 'font-family', 'font-size', 'class']) drawn.removeAttribute(name);
  return { markup: new Markup(rounded(drawn.outerHTML)), width: options.width, height: options.height };
}
