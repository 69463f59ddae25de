/** The hot loop: dot products of residuals h − mu_y with fixed directions, tile by tile, so that the operands stay in cache. */
import type { Features } from './features.ts';
import { leftRows, multiplyRows, operands, putRow, rightRows, rowLength, subtractBase } from './simd-rows.ts';

/** Samples that share a tile while it is in cache. */
export const blockLength = leftRows;

export class ResidualProjector {
  readonly #directions: Float64Array;
  readonly #count: number;
  readonly #dimension: number;
  /** Residual · direction [blockLength, R], of the last block. */
  readonly dots: Float64Array;
  /** ‖residual‖² [blockLength], of the last block. */
  readonly squares = new Float64Array(blockLength);

  /** @param directions [R, d] */
  constructor(directions: Float64Array, dimension: number) {
    this.#directions = directions;
    this.#dimension = dimension;
    this.#count = directions.length / dimension;
    this.dots = new Float64Array(blockLength * this.#count);
  }

  /**
   * Fills `dots` and `squares` for samples start..end−1; each sum is taken in the same order whatever the block.
   * @param features [B, d] @param means [K, d], the base of each label @param end at most start + blockLength
   */
  project(features: Features, labels: Int32Array, means: Float64Array, start: number, end: number): void {
    this.dots.fill(0);
    this.squares.fill(0);
    const block = Array.from({ length: end - start }, (_, b) => start + b);
    block.sort((a, b) => labels[a]! - labels[b]!); // so that each class mean is loaded only once
    for (let from = 0; from < this.#dimension; from += rowLength) {
      const length = Math.min(rowLength, this.#dimension - from);
      let label = -1;
      for (const b of block) {
        if (labels[b] !== label) putRow(operands.base, 0, this.#tile(means, (label = labels[b]!), from, length));
        putRow(operands.left, b - start, this.#tile(features, b, from, length));
        this.squares[b - start]! += subtractBase(b - start, length);
      }
      for (let i = 0; i < this.#count; i += rightRows) this.#addDots(from, length, i, end - start);
    }
  }

  /** Adds products of the tile's residuals with the directions from `first` on. */
  #addDots(from: number, length: number, first: number, samples: number): void {
    const count = Math.min(rightRows, this.#count - first);
    for (let i = 0; i < count; i++) putRow(operands.right, i, this.#tile(this.#directions, first + i, from, length));
    for (let b = 0; b < samples; b += 2) {
      const products = multiplyRows(b, length); // also for the neighbour of an odd last sample, which is never read
      const at = b * this.#count + first;
      for (let i = 0; i < count; i++) {
        this.dots[at + i]! += products[i]!;
        this.dots[at + this.#count + i]! += products[rightRows + i]!;
      }
    }
  }

  #tile<Values extends Features>(rows: Values, index: number, from: number, length: number): Values {
    const at = index * this.#dimension + from;
    return rows.subarray(at, at + length) as Values;
  }
}
