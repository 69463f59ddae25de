import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestBackend } from '../testing/test-backend.ts';
import { exampleNorm } from './ball.ts';
import { normalDraws, signDraws, sphereDraws, startDraws } from './draws.ts';

beforeAll(openTestBackend);

const image = [3, 4, 2] as const;
const size = 24;
const count = 500;
const indices = Int32Array.from({ length: count }, (_, i) => i);

/** One vector of pixels per example. */
const vectors = (tensor: tf.Tensor, length = size): number[][] => {
  const values = tensor.dataSync<'float32'>();
  return Array.from({ length: values.length / length }, (_, b) => [...values.subarray(b * length, (b + 1) * length)]);
};
const l2 = (vector: readonly number[]): number => Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0));
const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Kolmogorov–Smirnov distance of a sample from U(0,1). */
function distanceFromUniform(sample: readonly number[]): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return Math.max(...sorted.map((v, i) => Math.max(v - i / sorted.length, (i + 1) / sorted.length - v)));
}
/** A uniform sample of `count` exceeds this once in 1,000 times. */
const largestDistance = 1.95 / Math.sqrt(count);

/** Unit vectors uniform on the sphere have mean 0, second moments 1/D and fourth moments 3/(D(D+2)) in every coordinate. */
function expectIsotropic(units: readonly number[][]): void {
  const centre = Array.from({ length: size }, (_, i) => mean(units.map((u) => u[i]!)));
  expect(l2(centre)).toBeLessThan(2 / Math.sqrt(count));
  for (let i = 0; i < size; i++) {
    expect(Math.abs(size * mean(units.map((u) => u[i]! ** 2)) - 1), `pixel ${i}`).toBeLessThan(0.3);
  }
  const fourth = mean(units.flat().map((v) => v ** 4));
  expect(Math.abs((fourth * size * (size + 2)) / 3 - 1)).toBeLessThan(0.1);
}

describe('noise', () => {
  const norms = (vector: number[]) => ({ linf: Math.max(...vector.map(Math.abs)), l2: l2(vector) });

  it('of the sphere has L2 norm 1 and no preferred direction', () => {
    const draws = vectors(sphereDraws(3, 'noise', indices, image));
    for (const draw of draws) expect(Math.abs(l2(draw) - 1)).toBeLessThan(1e-6);
    expectIsotropic(draws);
  });

  it('of the sphere keeps its norm in large images', () => {
    const [draw] = vectors(sphereDraws(3, 'noise', indices.subarray(0, 1), [320, 320, 3]), 320 * 320 * 3);
    expect(Math.abs(l2(draw!) - 1)).toBeLessThan(1e-6);
  });

  it('of signs has Linf norm 1; Gaussian noise is of neither size, but √D in L2', () => {
    for (const draw of vectors(signDraws(3, 'noise', indices, image))) expect(norms(draw).linf).toBe(1);
    const gaussian = vectors(normalDraws(3, 'noise', indices, image)).map(norms);
    expect(mean(gaussian.map((n) => n.l2)) / Math.sqrt(size)).toBeCloseTo(1, 1);
    expect(mean(gaussian.map((n) => n.linf))).toBeGreaterThan(1.5);
  });
});

describe('random starts', () => {
  it('of Linf fill the box of half-width 1', () => {
    const draws = vectors(startDraws(1, 'start', indices, image, 'box'));
    for (let i = 0; i < size; i++)
      expect(distanceFromUniform(draws.map((draw) => (draw[i]! + 1) / 2)), `pixel ${i}`).toBeLessThan(largestDistance);
  });

  it('of L2 are a random direction times U(0,1)', () => {
    const draws = vectors(startDraws(1, 'start', indices, image, 'direction'));
    const radii = draws.map(l2);
    expect(distanceFromUniform(radii)).toBeLessThan(largestDistance);
    expectIsotropic(draws.map((draw, b) => draw.map((v) => v / radii[b]!)));
  });

  it('of the ball of L2 are uniform in it: the share within a radius r is r to the power of the dimension', () => {
    const draws = vectors(startDraws(1, 'start', indices, image, 'ball'));
    const radii = draws.map(l2);
    expect(distanceFromUniform(radii.map((r) => r ** size))).toBeLessThan(largestDistance);
    expectIsotropic(draws.map((draw, b) => draw.map((v) => v / radii[b]!)));
  });

  it.each(['direction', 'ball'] as const)('of L2 exist for images of any size (%s)', (start) => {
    const [draw] = vectors(startDraws(1, 'start', indices.subarray(0, 1), [320, 320, 3], start), 320 * 320 * 3);
    expect(l2(draw!)).toBeLessThanOrEqual(1 + 1e-6);
  });

  it.each(['box', 'direction', 'ball'] as const)(
    'belong to a seed, a purpose and an example, whoever else is in the batch (%s)',
    (start) => {
      const draw = (seed: number, purpose: string, of: Int32Array) => vectors(startDraws(seed, purpose, of, image, start));
      const [first, , third] = draw(1, 'a', indices.subarray(0, 3));
      expect(draw(1, 'a', Int32Array.of(2, 0))).toEqual([third, first]);
      for (const other of [draw(2, 'a', indices)[0], draw(1, 'b', indices)[0], third]) expect(other).not.toEqual(first);
    },
  );
});

describe('the norm of an example', () => {
  it('is that of float64 up to rounding, in large images too', () => {
    for (const side of [16, 512]) {
      const draws = normalDraws(1, 'norm', indices.subarray(0, 2), [side, side, 3]);
      const measured = exampleNorm(draws).dataSync();
      vectors(draws, side * side * 3).forEach((draw, b) => expect(Math.abs(measured[b]! / l2(draw) - 1)).toBeLessThan(1e-6));
      draws.dispose();
    }
  });
});
