/** The hot loop: dot products of residuals h − mu_y with fixed directions, tile by tile, so that a tile of all directions stays in cache. */
import type { Features } from './features.ts';
import { dot } from './vectors.ts';

const tileLength = 512;
/** Samples that share a tile while it is in cache. */
export const blockLength = 32;

export class ResidualProjector {
  readonly #directions: Float64Array;
  readonly #count: number;
  readonly #dimension: number;
  readonly #residual = new Float64Array(tileLength);
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
   * Fills `dots` and `squares` for samples start..end−1; each is summed in the same order whatever the block.
   * @param features [B, d] @param means [K, d], the base of each label @param end at most start + blockLength
   */
  project(features: Features, labels: Int32Array, means: Float64Array, start: number, end: number): void {
    this.dots.fill(0);
    this.squares.fill(0);
    const d = this.#dimension;
    const residual = this.#residual;
    for (let from = 0; from < d; from += tileLength) {
      const length = Math.min(tileLength, d - from);
      for (let b = start; b < end; b++) {
        const featureAt = b * d + from;
        const meanAt = labels[b]! * d + from;
        for (let j = 0; j < length; j++) residual[j] = features[featureAt + j]! - means[meanAt + j]!;
        this.squares[b - start]! += dot(residual, 0, residual, 0, length);
        this.#addDots(from, length, (b - start) * this.#count);
      }
    }
  }

  /** Four directions at a time share each load of the residual. @param at first entry of `dots` */
  #addDots(from: number, length: number, at: number): void {
    const d = this.#dimension;
    const count = this.#count;
    const m = this.#directions;
    const residual = this.#residual;
    const dots = this.dots;
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const o0 = i * d + from;
      const o1 = o0 + d;
      const o2 = o1 + d;
      const o3 = o2 + d;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let j = 0; j < length; j++) {
        const r = residual[j]!;
        s0 += r * m[o0 + j]!;
        s1 += r * m[o1 + j]!;
        s2 += r * m[o2 + j]!;
        s3 += r * m[o3 + j]!;
      }
      dots[at + i]! += s0;
      dots[at + i + 1]! += s1;
      dots[at + i + 2]! += s2;
      dots[at + i + 3]! += s3;
    }
    for (; i < count; i++) dots[at + i]! += dot(residual, 0, m, i * d + from, length);
  }
}
