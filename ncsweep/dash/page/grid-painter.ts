/** Draws the table of cells on a canvas of the size of the window onto it. */
import { cellStates, stateByte, type Headline } from '../state/wire.ts';
import type { ClientSweep } from './client-sweep.ts';
import { css, onRamp, shareOf, type Palette, type Rgb, type Scale } from './colours.ts';
import { numberText } from './format.ts';
import { blocksOf, groupSpans, type Track } from './grid-geometry.ts';

export interface GridView {
  readonly sweep: ClientSweep;
  /** What colours show; undefined: states. */
  readonly shows: Headline | undefined;
  readonly scale: Scale | undefined;
  readonly rows: Track;
  readonly columns: Track;
  readonly rowGroups: readonly number[];
  readonly columnGroups: readonly number[];
  readonly splits: readonly number[];
  readonly labels: GridLabels;
  /** Room of the labels, px. */
  readonly gutter: { readonly left: number; readonly top: number };
  readonly palette: Palette;
}

export interface GridLabels {
  /** What the labels of rows say. */
  readonly rowTitle: string;
  readonly rowGroups: readonly string[];
  readonly rows: readonly string[];
  readonly splits: readonly string[];
  readonly columnGroups: readonly string[];
  readonly columns: readonly string[];
}

export interface Window {
  readonly width: number;
  readonly height: number;
  /** How far the table is scrolled, px. */
  readonly left: number;
  readonly top: number;
  readonly cursor: number | undefined;
}

const font = '12px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif';
/** For a name that is a little too long for its place. */
const smallFont = font.replace('12px', '10.5px');
/** Below this size a cell is a spot of colour without a border. */
const smallest = 5;

export function paint(context: CanvasRenderingContext2D, view: GridView, window: Window): void {
  const { palette, gutter, rows, columns } = view;
  context.font = font;
  context.fillStyle = css(palette.paper);
  context.fillRect(0, 0, window.width, window.height);
  context.save();
  context.beginPath();
  context.rect(gutter.left, gutter.top, window.width - gutter.left, window.height - gutter.top);
  context.clip();
  context.translate(gutter.left - window.left, gutter.top - window.top);
  if (Math.min(rows.size, columns.size) < smallest) paintBlocks(context, view);
  else paintCells(context, view, window);
  if (window.cursor !== undefined) paintCursor(context, view, window.cursor);
  context.restore();
  paintLabels(context, view, window);
}

function colourOf(view: GridView, state: number, value: number): Rgb {
  const { palette, scale } = view;
  if (scale !== undefined && state === stateByte.done) {
    const share = shareOf(value, scale);
    return Number.isNaN(share) ? palette.rule : onRamp(share, palette);
  }
  return palette.states[cellStates[state] ?? 'waiting'];
}

const spansOf = ({ size }: Track, groups: readonly number[]): readonly { readonly from: number; readonly to: number }[] =>
  size >= smallest ? groupSpans(groups) : [{ from: 0, to: groups.length }];

/** One pixel of a picture for each block, enlarged to its place. */
function paintBlocks(context: CanvasRenderingContext2D, view: GridView): void {
  const { sweep, rows, columns, shows } = view;
  const { columns: cells } = sweep;
  const block = [Math.max(1, Math.floor(1 / rows.size)), Math.max(1, Math.floor(1 / columns.size))] as const;
  const values = shows === undefined ? undefined : cells.values[shows];
  const blocks = blocksOf({ ...cells, values }, [sweep.rowCount, sweep.columnCount], block);
  const picture = new ImageData(blocks.width, blocks.height);
  for (const [i, state] of blocks.states.entries()) {
    if (state === 255) continue;
    const mean = blocks.means[i]!;
    picture.data.set(
      [...colourOf(view, state === stateByte.waiting && Number.isFinite(mean) ? stateByte.done : state, mean), 255],
      4 * i,
    );
  }
  const canvas = new OffscreenCanvas(blocks.width, blocks.height);
  canvas.getContext('2d')!.putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = false;
  // Groups that stand apart are drawn apart; where a block has several rows or columns there are no gaps.
  for (const across of spansOf(columns, view.columnGroups))
    for (const down of spansOf(rows, view.rowGroups)) {
      const [left, top] = [Math.floor(across.from / block[1]), Math.floor(down.from / block[0])];
      const [wide, high] = [Math.ceil((across.to - across.from) / block[1]), Math.ceil((down.to - down.from) / block[0])];
      const [x, y] = [columns.starts[across.from]!, rows.starts[down.from]!];
      context.drawImage(canvas, left, top, wide, high, x, y, wide * block[1] * columns.size, high * block[0] * rows.size);
    }
}

function paintCells(context: CanvasRenderingContext2D, view: GridView, { top, height, left, width }: Window): void {
  const { sweep, rows, columns, shows } = view;
  const { columnOf, states } = sweep.columns;
  const inset = Math.min(rows.size, columns.size) >= 9 ? 1 : 0.5;
  const radius = Math.min(3, Math.min(rows.size, columns.size) / 5);
  for (let row = 0; row < sweep.rowCount; row++) {
    const y = rows.starts[row]!;
    if (y + rows.size < top || y > top + height) continue;
    for (let cell = sweep.rowStart[row]!; cell < sweep.rowStart[row + 1]!; cell++) {
      const x = columns.starts[columnOf[cell]!]!;
      if (x + columns.size < left || x > left + width) continue;
      const value = shows === undefined ? NaN : sweep.value(cell, shows);
      const colour = colourOf(view, states[cell]!, value);
      context.fillStyle = css(colour);
      context.beginPath();
      context.roundRect(x + inset, y + inset, columns.size - 2 * inset, rows.size - 2 * inset, radius);
      context.fill();
      paintMark(context, view, cell, [x + columns.size / 2, y + rows.size / 2]);
    }
  }
}

/** What tells a state apart without its colour; or the number, where there is room. */
function paintMark(context: CanvasRenderingContext2D, view: GridView, cell: number, [x, y]: readonly [number, number]): void {
  const { sweep, rows, columns, palette, shows, scale } = view;
  const room = Math.min(rows.size, columns.size);
  const state = sweep.state(cell);
  if (state === 'done') {
    const value = shows === undefined ? NaN : sweep.value(cell, shows);
    if (scale === undefined || !Number.isFinite(value) || columns.size < 38 || rows.size < 15) return;
    context.fillStyle = css(shareOf(value, scale) > 0.5 ? palette.paper : palette.ink);
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(numberText(Number(value.toPrecision(2))), x, y + 0.5);
    return;
  }
  if (room < 9 || state === 'waiting') return;
  const arm = Math.min(5, room / 4);
  context.strokeStyle = context.fillStyle = css(palette.paper);
  context.lineWidth = 1.6;
  context.beginPath();
  if (state === 'running') {
    context.arc(x, y, arm * 0.8, 0, 7);
    context.fill();
    return;
  }
  if (state === 'parked') {
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
  }
  context.moveTo(x - arm, y + arm);
  context.lineTo(x + arm, y - arm);
  context.stroke();
}

function paintCursor(context: CanvasRenderingContext2D, { sweep, rows, columns, palette }: GridView, cell: number): void {
  const x = columns.starts[sweep.columns.columnOf[cell]!]!;
  const y = rows.starts[sweep.columns.rowOf[cell]!]!;
  context.strokeStyle = css(palette.ink);
  context.lineWidth = 2;
  context.strokeRect(x - 1, y - 1, Math.max(4, columns.size) + 2, Math.max(4, rows.size) + 2);
}

/** Text that is cut where its room ends. */
function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > room) length -= 1;
  return length < 2 ? '' : `${text.slice(0, length)}…`;
}

function paintLabels(context: CanvasRenderingContext2D, view: GridView, window: Window): void {
  context.textBaseline = 'middle';
  paintRowLabels(context, view, window);
  const { gutter, labels, columnGroups, splits } = view;
  paintSpans(context, view, window, { groups: splits, names: labels.splits, y: gutter.top - 46 });
  paintSpans(context, view, window, { groups: columnGroups, names: labels.columnGroups, y: gutter.top - 29 });
  paintColumnTicks(context, view, window);
}

function paintRowLabels(context: CanvasRenderingContext2D, view: GridView, { top, height }: Window): void {
  const { rows, gutter, labels, rowGroups, palette } = view;
  const hasItems = rows.size >= 11;
  const room = hasItems ? gutter.left - 10 - context.measureText(labels.rowTitle).width : gutter.left - 12;
  context.textAlign = 'left';
  context.fillStyle = css(palette.ink);
  for (const { from, to } of groupSpans(rowGroups)) {
    const [start, end] = [rows.starts[from]! - top + gutter.top, rows.starts[to - 1]! + rows.size - top + gutter.top];
    if (end < gutter.top || start > height || end - start < 11) continue;
    // The name of a group stays in view as long as a row of it does.
    const at = Math.min(Math.max(start, gutter.top) + Math.min(rows.size, end - start) / 2, end - 7);
    context.fillText(fitted(context, labels.rowGroups[from] ?? '', room), 0, Math.max(at, gutter.top + 7));
  }
  if (!hasItems) return;
  context.fillStyle = css(palette.soft);
  context.textAlign = 'right';
  context.fillText(labels.rowTitle, gutter.left - 10, gutter.top - 11);
  for (const [row, label] of labels.rows.entries()) {
    const y = rows.starts[row]! - top + gutter.top + rows.size / 2;
    if (y >= gutter.top && y <= height) context.fillText(label, gutter.left - 10, y);
  }
}

interface SpanLabels {
  readonly groups: readonly number[];
  readonly names: readonly string[];
  readonly y: number;
}

/** Names above groups of columns; a short name may reach into the gap behind its group. */
function paintSpans(context: CanvasRenderingContext2D, view: GridView, window: Window, { groups, names, y }: SpanLabels): void {
  const { columns, gutter, palette } = view;
  context.textAlign = 'left';
  context.fillStyle = css(palette.ink);
  for (const { from, to } of groupSpans(groups)) {
    const shift = gutter.left - window.left;
    const [start, end] = [columns.starts[from]! + shift, columns.starts[to]! + shift];
    if (end < gutter.left || start > window.width) continue;
    const at = Math.max(start, gutter.left);
    const [name, room] = [names[from] ?? '', Math.min(end - 4, window.width) - at];
    context.font = context.measureText(name).width > room ? smallFont : font;
    context.fillText(fitted(context, name, room), at, y);
  }
  context.font = font;
}

/** The label of each column, or of as many as there is room for. */
function paintColumnTicks(
  context: CanvasRenderingContext2D,
  view: GridView,
  { left, width }: Pick<Window, 'left' | 'width'>,
): void {
  const { columns, gutter, labels, columnGroups, palette } = view;
  context.fillStyle = css(palette.soft);
  context.textAlign = 'center';
  let free = -Infinity;
  for (const [column, label] of labels.columns.entries()) {
    const x = columns.starts[column]! - left + gutter.left + columns.size / 2;
    const half = context.measureText(label).width / 2;
    const isFirst = column > 0 && columnGroups[column] !== columnGroups[column - 1];
    if (x < gutter.left || x > width || x - half < free + (isFirst ? 0 : 5)) continue;
    context.fillText(label, x, gutter.top - 11);
    free = x + half;
  }
}
