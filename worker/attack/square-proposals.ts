/**
 * Where Square Attack looks next (Andriushchenko et al. 2020, algorithms 2 and 3, with the choices of AutoAttack). Pure: an image is a
 * Float32Array in the order height, width, channel, and everything random is in `draws`, uniform on [0,1).
 */
import type { Norm } from '@ncsweep/catalog/attacks/norm';

export type ImageShape = readonly [height: number, width: number, channels: number];

export interface SquareProblem {
  readonly image: ImageShape;
  /** Radius of the ball, pixel units. */
  readonly epsilon: number;
}

interface SquarePoints {
  readonly clean: Float32Array;
  readonly best: Float32Array;
}

interface Proposals {
  /** Number of draws of a start, and of a query. */
  startDraws(image: ImageShape): number;
  queryDraws(image: ImageShape): number;
  /** Sets `out` to the first point. */
  start(clean: Float32Array, problem: SquareProblem, draws: Float32Array, out: Float32Array): void;
  /** Sets `out` to a point that differs from `best` within a square of this side. */
  query(points: SquarePoints, problem: SquareProblem, side: number, draws: Float32Array, out: Float32Array): void;
}

/** Share of the image that a square covers at first, and the queries after which it halves. */
const firstShare = 0.8;
const halvings = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];

/** Side of the square of a query, from 0; odd in L2 unless the image is smaller. */
export function squareSide(norm: Norm, [height, width]: ImageShape, query: number): number {
  const share = firstShare / 2 ** halvings.filter((after) => query > after).length;
  const side = Math.floor(Math.sqrt(share * height * width) + 0.5);
  const least = norm === 'linf' ? Math.max(side, 1) : Math.max(side, 3) | 1;
  return Math.min(least, height, width);
}

const signOf = (draw: number): number => (draw < 0.5 ? -1 : 1);
const clipped = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);
/** As in AutoAttack, the last place of a square is never drawn. */
const placeOf = (draw: number, length: number, side: number): number => Math.floor(draw * (length - side));

/** Calls `use` with the index of each value of a channel in a window, and its place there. The window ends at the image's border. */
function eachInWindow(
  [height, width, channels]: ImageShape,
  { row, column, side }: Window,
  channel: number,
  use: (at: number, y: number, x: number) => void,
): void {
  for (let y = 0; y < side && row + y < height; y++)
    for (let x = 0; x < side && column + x < width; x++) use(((row + y) * width + column + x) * channels + channel, y, x);
}

interface Window {
  readonly row: number;
  readonly column: number;
  readonly side: number;
}

const linf: Proposals = {
  startDraws: ([, width, channels]) => width * channels,
  queryDraws: ([, , channels]) => 2 + channels,
  /** Vertical stripes of ±epsilon. */
  start: (clean, { epsilon }, draws, out) => {
    for (let i = 0; i < clean.length; i++) out[i] = clipped(clean[i]! + epsilon * signOf(draws[i % draws.length]!), 0, 1);
  },
  query: ({ clean, best }, { image, epsilon }, side, draws, out) => {
    const window = { row: placeOf(draws[0]!, image[0], side), column: placeOf(draws[1]!, image[1], side), side };
    out.set(best);
    for (let channel = 0; channel < image[2]; channel++) {
      const change = 2 * epsilon * signOf(draws[2 + channel]!);
      eachInWindow(image, window, channel, (i) => {
        out[i] = clipped(clipped(best[i]! + change, clean[i]! - epsilon, clean[i]! + epsilon), 0, 1);
      });
    }
  },
};

/** Pyramid of rectangles [rows,columns] around the middle, of unit norm; the k-th adds 1/k². */
function pyramid(rows: number, columns: number): Float64Array {
  const values = new Float64Array(rows * columns);
  let [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  for (let k = 1; k <= Math.max(Math.floor(rows / 2), Math.floor(columns / 2)) + 1; k++, top--, left--)
    for (let y = Math.max(top, 0); y < Math.min(top + 2 * k - 1, rows); y++)
      for (let x = Math.max(left, 0); x < Math.min(left + 2 * k - 1, columns); x++) values[y * columns + x]! += 1 / k ** 2;
  return scaledBy(values, 1 / Math.sqrt(squares(values)));
}

const squares = (values: Float64Array): number => values.reduce((sum, v) => sum + v * v, 0);
const scaledBy = (values: Float64Array, factor: number): Float64Array => values.map((v) => v * factor);

/** A positive pyramid above a negative one [side,side], of unit norm. */
function bump(side: number): Float64Array {
  const half = Math.floor(side / 2);
  const above = half === 0 ? new Float64Array(0) : pyramid(half, side);
  const values = Float64Array.from([...above, ...pyramid(side - half, side).map((v) => -v)]);
  return scaledBy(values, 1 / Math.sqrt(squares(values)));
}

const bumps = new Map<number, Float64Array>();
/** By side, because a search uses few. */
function bumpOf(side: number): Float64Array {
  const known = bumps.get(side) ?? bump(side);
  bumps.set(side, known);
  return known;
}

/** Guards the division by a norm that may be zero; the constant of AutoAttack. */
const tiny = 1e-12;

/** clip(clean + epsilon · offset/‖offset‖, 0, 1) */
function onSphere(clean: Float32Array, offset: Float64Array, epsilon: number, out: Float32Array): void {
  const scale = epsilon / (Math.sqrt(squares(offset)) + tiny);
  for (let i = 0; i < clean.length; i++) out[i] = clipped(clean[i]! + scale * offset[i]!, 0, 1);
}

/** Five tiles fit beside each other. */
const tilesOf = ([height, width]: ImageShape): { side: number; first: number; rows: number; columns: number } => {
  const side = Math.max(Math.floor(height / 5), 1);
  const first = Math.max(Math.floor((height - 5 * side) / 2), 0);
  return { side, first, rows: Math.floor(height / side), columns: Math.floor(width / side) };
};

const l2: Proposals = {
  startDraws: (image) => tilesOf(image).rows * tilesOf(image).columns * (1 + image[2]),
  queryDraws: ([, , channels]) => 5 + channels,
  /** Tiles of bumps, each upright or on its side. */
  start: (clean, { image, epsilon }, draws, out) => {
    const { side, first, rows, columns } = tilesOf(image);
    const values = bumpOf(side);
    const offset = new Float64Array(clean.length);
    for (let tile = 0; tile < rows * columns; tile++) {
      const [turn, ...signs] = draws.subarray(tile * (1 + image[2]), (tile + 1) * (1 + image[2]));
      const window = { row: first + Math.floor(tile / columns) * side, column: first + (tile % columns) * side, side };
      signs.forEach((draw, channel) => {
        eachInWindow(image, window, channel, (i, y, x) => (offset[i] = signOf(draw) * values[turned(turn!, y, x, side)]!));
      });
    }
    onSphere(clean, offset, epsilon, out);
  },
  query: ({ clean, best }, { image, epsilon }, side, draws, out) => {
    const windowAt = (at: number): Window => ({
      row: placeOf(draws[at]!, image[0], side),
      column: placeOf(draws[at + 1]!, image[1], side),
      side,
    });
    const [target, emptied] = [windowAt(0), windowAt(2)];
    const offset = Float64Array.from(best, (v, i) => v - clean[i]!);
    const unspent = Math.max(epsilon ** 2 - squares(offset), 0) / image[2];
    for (let channel = 0; channel < image[2]; channel++)
      moveMass(offset, image, { target, emptied, channel, unspent, draws }, bumpOf(side));
    onSphere(clean, offset, epsilon, out);
  },
};

/** The place in a bump that is upright or on its side. */
const turned = (draw: number, y: number, x: number, side: number): number => (draw < 0.5 ? y * side + x : x * side + y);

interface Move {
  readonly target: Window;
  readonly emptied: Window;
  readonly channel: number;
  /** Square of the norm that the perturbation has left in this channel. */
  readonly unspent: number;
  readonly draws: Float32Array;
}

/** Moves what the two windows of a channel hold, and what is unspent, into the target, in the direction of what is there plus a bump. */
function moveMass(offset: Float64Array, image: ImageShape, move: Move, values: Float64Array): void {
  const { target, emptied, channel, draws } = move;
  const direction = new Float64Array(values.length);
  let held = 0;
  eachInWindow(image, target, channel, (i) => (held += offset[i]! ** 2));
  const norm = tiny + Math.sqrt(held);
  eachInWindow(image, target, channel, (i, y, x) => {
    const at = turned(draws[4]!, y, x, target.side);
    direction[y * target.side + x] = signOf(draws[5 + channel]!) * values[at]! + offset[i]! / norm;
  });
  eachInWindow(image, target, channel, (i) => (offset[i] = 0));
  eachInWindow(image, emptied, channel, (i) => {
    held += offset[i]! ** 2;
    offset[i] = 0;
  });
  const scale = Math.sqrt(move.unspent + held) / (tiny + Math.sqrt(squares(direction)));
  eachInWindow(image, target, channel, (i, y, x) => (offset[i] = scale * direction[y * target.side + x]!));
}

export const squareProposals: Readonly<Record<Norm, Proposals>> = { linf, l2 };
