/** The map of all cells: a row for each network, a column for each evaluation of it. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { stateByte, type Headline } from '../../state/wire.ts';
import type { ViewProps } from '../view-props.ts';
import type { ClientSweep } from '../client-sweep.ts';
import { css, onThemeChange, palette, scaleOf, type Scale } from '../colours.ts';
import { numberText, stateWords } from '../format.ts';
import { fittingSize, indexAt, trackOf } from '../grid-geometry.ts';
import { gridGroups, type GridGroups } from '../grid-labels.ts';
import { paint, type GridView as Painted } from '../grid-painter.ts';
import { html } from '../html.ts';
import { go, route } from '../route.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

const topGutter = 60;
/** Cells are wider than high, so that a number fits. */
const largest = { row: 26, column: 46 };
const zooms = [1, 1.6, 2.5, 4, 6.5, 10, 16, 25, 40];

function useSize(): readonly [{ readonly current: HTMLDivElement | null }, Size] {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined)
        setSize({ width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) });
    });
    observer.observe(frame.current!);
    return () => observer.disconnect();
  }, []);
  return [frame, size];
}

/** Everything that a drawing needs but how far it is scrolled. */
function viewOf(sweep: ClientSweep, groups: GridGroups, size: Size, zoom: number, shows: Headline | undefined): Painted {
  const left = Math.min(200, Math.max(120, size.width * 0.18));
  const fit = {
    row: fittingSize(groups.rowGroups, size.height - topGutter - 4, largest.row),
    column: fittingSize(groups.columnGroups, size.width - left - 4, largest.column),
  };
  // A table of a few rows is readable without zooming; one of many is shown whole.
  const grown = (fitting: number, most: number): number =>
    zoom === 1 ? fitting : Math.min(most, Math.max(fitting, Math.round(fitting * zoom)));
  const scale = shows === undefined ? undefined : scaleOf(shows, sweep.columns.values[shows]);
  return {
    sweep,
    shows,
    scale,
    ...groups,
    rows: trackOf(groups.rowGroups, grown(fit.row, largest.row)),
    columns: trackOf(groups.columnGroups, grown(fit.column, largest.column)),
    gutter: { left, top: topGutter },
    palette: palette(),
  };
}

export function GridView({ model, sweep }: ViewProps): VNode {
  const tick = model.tick.value;
  const [frame, size] = useSize();
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shows, setShows] = useState<Headline | undefined>(undefined);
  const [zoom, setZoom] = useState(0);
  const [hover, setHover] = useState<{ cell: number; x: number; y: number } | undefined>(undefined);
  const [cursor, setCursor] = useState<number | undefined>(route.value.cell);
  const [theme, setTheme] = useState(0);
  const groups = useMemo(() => gridGroups(sweep), [sweep]);
  const view = useMemo(() => viewOf(sweep, groups, size, zooms[zoom]!, shows), [sweep, groups, size, zoom, shows, tick, theme]);
  const measured = sweep.measured();

  const draw = (): void => {
    const element = canvas.current;
    const window = scroller.current;
    if (element === null || window === null || size.width === 0) return;
    const ratio = devicePixelRatio;
    if (element.width !== size.width * ratio) element.width = size.width * ratio;
    if (element.height !== size.height * ratio) element.height = size.height * ratio;
    const context = element.getContext('2d')!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(context, view, { ...size, left: window.scrollLeft, top: window.scrollTop, cursor });
  };
  useEffect(draw, [view, cursor]);
  useEffect(() => onThemeChange(() => setTheme((n) => n + 1)), []);

  const cellAt = (x: number, y: number): number | undefined => {
    const window = scroller.current!;
    if (x < view.gutter.left || y < topGutter) return undefined;
    const column = indexAt(view.columns, x - view.gutter.left + window.scrollLeft);
    const row = indexAt(view.rows, y - topGutter + window.scrollTop);
    return row < 0 || column < 0 ? undefined : sweep.cellAt(row, column);
  };
  const place = (event: MouseEvent): readonly [number, number] => {
    const box = canvas.current!.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const onMove = (event: MouseEvent): void => {
    const [x, y] = place(event);
    const cell = cellAt(x, y);
    setHover(cell === undefined ? undefined : { cell, x, y });
  };
  const onClick = (event: MouseEvent): void => {
    const cell = cellAt(...place(event));
    if (cell === undefined) return;
    setCursor(cell);
    go({ cell });
  };
  const onKey = (event: KeyboardEvent): void => {
    const next = moved(sweep, cursor, event.key);
    if (next !== undefined) {
      setCursor(next);
      reveal(scroller.current!, view, size, next);
    } else if (event.key === 'Enter' && cursor !== undefined) go({ cell: cursor });
    else if (event.key === '+') setZoom((z) => Math.min(zooms.length - 1, z + 1));
    else if (event.key === '-') setZoom((z) => Math.max(0, z - 1));
    else return;
    event.preventDefault();
  };

  const width = view.columns.starts.at(-1)! + view.gutter.left;
  const height = view.rows.starts.at(-1)! + topGutter;
  return html`<div class="tools">
      <label
        >Colour
        <select
          value=${shows ?? 'state'}
          onChange=${(event: Event) => setShows(headlineOf((event.target as HTMLSelectElement).value))}
        >
          <option value="state">state</option>
          ${measured.map((name) => html`<option value=${name}>${name}</option>`)}
        </select></label
      >
      <${Legend} shows=${shows} scale=${view.scale} />
      <span class="push">
        <button aria-label="Smaller" onClick=${() => setZoom(Math.max(0, zoom - 1))} disabled=${zoom === 0}>−</button>${' '}
        <button aria-label="Larger" onClick=${() => setZoom(Math.min(zooms.length - 1, zoom + 1))}>+</button>
      </span>
    </div>
    <div class="frame" ref=${frame}>
      <div
        class="scroller"
        ref=${scroller}
        tabindex="0"
        role="application"
        aria-label=${`Map of ${sweep.head.cells} cells. Arrow keys move, Enter opens a cell, plus and minus zoom, F goes to the next failed cell.`}
        onScroll=${draw}
        onMouseMove=${onMove}
        onMouseLeave=${() => setHover(undefined)}
        onClick=${onClick}
        onKeyDown=${onKey}
      >
        <canvas ref=${canvas} style=${{ width: `${size.width}px`, height: `${size.height}px` }}></canvas>
        <div class="spacer" style=${{ width: `${width}px`, height: `${height}px` }}></div>
      </div>
      ${hover !== undefined && html`<${Tip} sweep=${sweep} size=${size} ...${hover} />`}
      <output class="hidden" aria-live="polite"
        >${cursor === undefined ? '' : [...sweep.label(cursor), stateWords[sweep.state(cursor)]].join(', ')}</output
      >
    </div>`;
}

const headlineOf = (text: string): Headline | undefined =>
  text === 'accuracy' || text === 'loss' || text === 'nc1' ? text : undefined;

/** The cell above or below that is in the same column. */
function inColumn(sweep: ClientSweep, cell: number, step: 1 | -1): number | undefined {
  const column = sweep.columns.columnOf[cell]!;
  for (let row = sweep.columns.rowOf[cell]! + step; row >= 0 && row < sweep.rowCount; row += step) {
    const found = sweep.cellAt(row, column);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The next cell that failed, from the beginning again after the last one. */
function nextFailed({ columns }: ClientSweep, cell: number): number | undefined {
  const after = columns.states.indexOf(stateByte.parked, cell + 1);
  const found = after < 0 ? columns.states.indexOf(stateByte.parked) : after;
  return found < 0 ? undefined : found;
}

/** Where a key leads from a cell. */
const moves: Readonly<Record<string, (sweep: ClientSweep, cell: number) => number | undefined>> = {
  ArrowRight: (sweep, cell) => Math.min(sweep.head.cells - 1, cell + 1),
  ArrowLeft: (_, cell) => Math.max(0, cell - 1),
  ArrowDown: (sweep, cell) => inColumn(sweep, cell, 1),
  ArrowUp: (sweep, cell) => inColumn(sweep, cell, -1),
  Home: (sweep, cell) => sweep.rowStart[sweep.columns.rowOf[cell]!],
  End: (sweep, cell) => sweep.rowStart[sweep.columns.rowOf[cell]! + 1]! - 1,
  f: nextFailed,
  F: nextFailed,
};

/** The first cell, where none was chosen yet; but a failed one for its own key. */
function moved(sweep: ClientSweep, from: number | undefined, key: string): number | undefined {
  const move = moves[key];
  if (from === undefined && move !== undefined && move !== nextFailed) return 0;
  return move?.(sweep, from ?? -1);
}

/** Scrolls until a cell is in view. */
function reveal(scroller: HTMLElement, { sweep, rows, columns, gutter }: Painted, size: Size, cell: number): void {
  const x = columns.starts[sweep.columns.columnOf[cell]!]!;
  const y = rows.starts[sweep.columns.rowOf[cell]!]!;
  const [wide, high] = [size.width - gutter.left, size.height - gutter.top];
  if (x < scroller.scrollLeft) scroller.scrollLeft = x - 8;
  if (x + columns.size > scroller.scrollLeft + wide) scroller.scrollLeft = x + columns.size - wide + 8;
  if (y < scroller.scrollTop) scroller.scrollTop = y - 8;
  if (y + rows.size > scroller.scrollTop + high) scroller.scrollTop = y + rows.size - high + 8;
}

function Legend({ shows, scale }: { readonly shows: Headline | undefined; readonly scale: Scale | undefined }): VNode | null {
  if (shows === undefined || scale === undefined) return null;
  const { ramp } = palette();
  const stops = [0, 16, 32, 48, 63].map((i) => css(ramp[i]!)).join(', ');
  return html`<span class="legend"
    >${numberText(scale.low)}<span class="ramp" style=${{ background: `linear-gradient(to right, ${stops})` }}></span
    >${numberText(scale.high)}${scale.isLog && ' (log)'}</span
  >`;
}

interface TipProps {
  readonly sweep: ClientSweep;
  readonly size: Size;
  readonly cell: number;
  readonly x: number;
  readonly y: number;
}

function Tip({ sweep, size, cell, x, y }: TipProps): VNode {
  const [row, column] = sweep.label(cell);
  const values = sweep.measured().filter((name) => Number.isFinite(sweep.value(cell, name)));
  const style = {
    ...(x > size.width / 2 ? { right: `${size.width - x + 14}px` } : { left: `${x + 14}px` }),
    ...(y > size.height / 2 ? { bottom: `${size.height - y + 14}px` } : { top: `${y + 14}px` }),
  };
  return html`<div class="tip" style=${style}>
    <b>${row}</b>${column}
    <dl>
      <dt>state</dt>
      <dd>${stateWords[sweep.state(cell)]}</dd>
      ${values.map(
        (name) =>
          html`<dt>${name}</dt>
            <dd>${numberText(sweep.value(cell, name))}</dd>`,
      )}
    </dl>
  </div>`;
}
