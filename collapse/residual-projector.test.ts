import { expect, it } from 'vitest';
import type { Features } from './features.ts';
import { blockLength, ResidualProjector } from './residual-projector.ts';

/** Integers, whose sums are exact in any order. */
const numbers = (count: number, seed: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => ((Math.imul(i + seed, 0x9e3779b1) >>> 8) % 9) - 4);

const [classes, samples] = [3, blockLength + 5];
const labels = Int32Array.from({ length: samples }, (_, i) => (i + (i >> 2)) % classes);

function project(
  features: Features,
  means: Float64Array,
  directions: Float64Array,
  d: number,
): { dots: number[]; squares: number[] } {
  const projector = new ResidualProjector(directions, d);
  const [dots, squares]: [number[], number[]] = [[], []];
  for (let start = 0; start < samples; start += blockLength) {
    const end = Math.min(start + blockLength, samples);
    projector.project(features, labels, means, start, end);
    dots.push(...projector.dots.subarray(0, ((end - start) * directions.length) / d));
    squares.push(...projector.squares.subarray(0, end - start));
  }
  return { dots, squares };
}

it.each([1, 2, 3, 5, 255, 256, 257, 770])('multiplies residuals of dimension %i with every direction', (d) => {
  const [features, means] = [numbers(samples * d, 1), numbers(classes * d, 5)];
  for (const count of [1, 4, 7]) {
    const directions = numbers(count * d, 9);
    const residual = (b: number, j: number): number => features[b * d + j]! - means[labels[b]! * d + j]!;
    const along = (values: (j: number) => number): number =>
      Array.from({ length: d }, (_, j) => values(j)).reduce((a, v) => a + v, 0);
    const expected = {
      dots: Array.from({ length: samples * count }, (_, at) => {
        const [b, i] = [Math.floor(at / count), at % count];
        return along((j) => residual(b, j) * directions[i * d + j]!);
      }),
      squares: Array.from({ length: samples }, (_, b) => along((j) => residual(b, j) ** 2)),
    };
    expect(project(features, means, directions, d)).toEqual(expected);
    expect(project(Float32Array.from(features), means, directions, d)).toEqual(expected);
  }
});

it('leaves nothing of earlier numbers behind, were they infinite', () => {
  const d = 3;
  const infinite = new Float64Array(samples * 8).fill(Infinity);
  project(infinite, infinite, infinite.subarray(0, 8), 8);
  const { dots } = project(new Float64Array(samples * d).fill(1), new Float64Array(classes * d), Float64Array.of(1, 2, 3), d);
  expect(new Set(dots)).toEqual(new Set([6]));
});
