/** Where the cells of a table lie: sizes, gaps between groups, and blocks of cells where there are more cells than pixels. Pure. */

export interface Track {
  /** Start of each row or column, px from the first; one more for the end. */
  readonly starts: Float32Array;
  /** Of one row or column without its gap, px. */
  readonly size: number;
}

/** From this size on groups stand apart. */
const sizeWithGaps = 5;

/** Between groups, px. */
const gapOf = (size: number): number => (size >= sizeWithGaps ? Math.min(12, Math.round(size / 2.2)) : 0);

/** @param groups by row or column, the number of its group */
export function trackOf(groups: readonly number[], size: number): Track {
  const gap = gapOf(size);
  const starts = new Float32Array(groups.length + 1);
  let at = 0;
  for (const [i, group] of groups.entries()) {
    if (i > 0 && group !== groups[i - 1]) at += gap;
    starts[i] = at;
    at += size;
  }
  starts[groups.length] = at;
  return { starts, size };
}

/** Size of a row or column that makes all of them fit, between the limits. */
export function fittingSize(groups: readonly number[], room: number, most: number): number {
  const cuts = groups.reduce((count, group, i) => count + (i > 0 && group !== groups[i - 1] ? 1 : 0), 0);
  const size = room / Math.max(1, groups.length);
  if (size < sizeWithGaps) return size;
  return Math.min(most, Math.max(sizeWithGaps, Math.floor((room - cuts * gapOf(size)) / groups.length)));
}

/** The row or column at a distance; −1 outside and in a gap. */
export function indexAt({ starts, size }: Track, distance: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= distance) low = middle;
    else high = middle - 1;
  }
  const isInside = distance >= 0 && low < starts.length - 1 && distance < starts[low]! + size;
  return isInside ? low : -1;
}

/** Spans of equal groups, in order. */
export function groupSpans(
  groups: readonly number[],
): readonly { readonly group: number; readonly from: number; readonly to: number }[] {
  const spans: { group: number; from: number; to: number }[] = [];
  for (const [i, group] of groups.entries()) {
    const last = spans.at(-1);
    if (last?.group === group) last.to = i + 1;
    else spans.push({ group, from: i, to: i + 1 });
  }
  return spans;
}

/** States that a block shows before others, because they are what somebody looks for: failed, running, blocked, waiting, done. */
const rank: readonly number[] = [2, 4, 1, 5, 3];

export interface Blocks {
  readonly width: number;
  readonly height: number;
  /** State byte of each block; 255 where it has no cell. */
  readonly states: Uint8Array;
  /** Mean of the values of its cells; NaN where none has one. */
  readonly means: Float32Array;
}

export interface BlockCells {
  readonly rowOf: Uint32Array;
  readonly columnOf: Uint16Array;
  readonly states: Uint8Array;
  readonly values: Float32Array | undefined;
}

/** Puts cells together so that a block is at least a pixel. @param rows and columns of a block */
export function blocksOf(
  cells: BlockCells,
  table: readonly [rows: number, columns: number],
  block: readonly [number, number],
): Blocks {
  const [height, width] = [Math.ceil(table[0] / block[0]), Math.ceil(table[1] / block[1])];
  const states = new Uint8Array(width * height).fill(255);
  const means = new Float32Array(width * height).fill(NaN);
  const counts = new Uint32Array(width * height);
  for (let cell = 0; cell < cells.states.length; cell++) {
    const at = Math.floor(cells.rowOf[cell]! / block[0]) * width + Math.floor(cells.columnOf[cell]! / block[1]);
    const state = cells.states[cell]!;
    if (states[at] === 255 || rank[state]! > rank[states[at]!]!) states[at] = state;
    const value = cells.values?.[cell];
    if (value === undefined || !Number.isFinite(value)) continue;
    const n = (counts[at]! += 1);
    const mean = n === 1 ? 0 : means[at]!;
    means[at] = mean + (value - mean) / n;
  }
  return { width, height, states, means };
}
