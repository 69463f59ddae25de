import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestBackend } from '../testing/test-backend.ts';
import { fillUniform, randomKey } from '../random.ts';
import { project } from './ball.ts';
import { normalDraws, signDraws, startDraws } from './draws.ts';
import type { Objective } from './objective.ts';
import { addScaled, fgsmDirection, pgd, zeroGradientShare, type PgdOptions } from './pgd.ts';

beforeAll(openTestBackend);

const image = [3, 4, 2] as const;
const size = 24;
/** Rounding error of a pixel in float32. */
const halfUnit = 6e-8;

const uniform = (purpose: string, count: number): Float32Array => {
  const out = new Float32Array(count);
  fillUniform(randomKey(5, purpose), 0, out);
  return out;
};
const imagesOf = (purpose: string, batch: number): tf.Tensor4D => tf.tensor4d(uniform(purpose, batch * size), [batch, ...image]);
const slope = uniform('slope', size).map((v) => v - 0.5);
const oneHot = (batch: number): tf.Tensor2D => tf.ones([batch, 1]);

/** loss = w·x, for which attacks have closed forms. */
const linear: Objective = {
  gradient: (images) => tf.broadcastTo(tf.tensor4d(slope, [1, ...image]), images.shape),
  loss: (images) => tf.sum(tf.mul(images, tf.tensor4d(slope, [1, ...image])), [1, 2, 3]),
};

/** A loss with many kinks and a flat part, different for each example. */
const rugged: Objective = {
  gradient: (images) => tf.mul(tf.cos(tf.mul(images, 40)), tf.step(tf.sub(images, 0.1))),
  loss: (images) => tf.sum(tf.mul(tf.sin(tf.mul(images, 40)), tf.step(tf.sub(images, 0.1))), [1, 2, 3]),
};

const indices = (batch: number, from = 0): Int32Array => Int32Array.from({ length: batch }, (_, i) => from + i);
const base: PgdOptions = { norm: 'linf', epsilon: 8 / 255, stepSize: 2 / 255, steps: 10, restarts: 1, targeted: false };
const startOf = (options: PgdOptions, batch: number, from = 0) => ({
  ...options,
  start: (restart: number) =>
    startDraws(1, `start/${restart}`, indices(batch, from), image, options.norm === 'linf' ? 'box' : 'direction'),
});
const read = (tensor: tf.Tensor): Float32Array => tensor.dataSync() as Float32Array;

describe('pgd', () => {
  it('stays in the ball and in the box, whatever the options', () => {
    fc.assert(
      fc.property(
        fc.record({
          norm: fc.constantFrom('linf' as const, 'l2' as const),
          epsilon: fc.double({ min: 1e-4, max: 2, noNaN: true }),
          stepSize: fc.double({ min: 1e-4, max: 3, noNaN: true }),
          steps: fc.integer({ min: 1, max: 6 }),
          restarts: fc.integer({ min: 1, max: 2 }),
          targeted: fc.boolean(),
        }),
        fc.boolean(),
        fc.constantFrom(linear, rugged),
        (options, randomStart, objective) => {
          tf.tidy(() => {
            const clean = tf.clipByValue(tf.sub(tf.mul(imagesOf('box', 3), 1.4), 0.2), 0, 1) as tf.Tensor4D;
            const moved = pgd(objective, clean, oneHot(3), randomStart ? startOf(options, 3) : options);
            const [x, y] = [read(clean), read(moved)];
            expect(y.every((v) => v >= 0 && v <= 1)).toBe(true);
            for (let b = 0; b < 3; b++) {
              const delta = Array.from({ length: size }, (_, i) => y[b * size + i]! - x[b * size + i]!);
              const radius = options.norm === 'linf' ? Math.max(...delta.map(Math.abs)) : Math.hypot(...delta);
              expect(radius).toBeLessThanOrEqual(options.epsilon * (1 + 1e-6) + halfUnit * Math.sqrt(size));
            }
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stays in the L2 ball of a large image, whose norm is a sum of many squares', () => {
    tf.tidy(() => {
      const clean = tf.fill([2, 160, 160, 3], 0.5) as tf.Tensor4D;
      for (const epsilon of [0.5, 6]) {
        const far: tf.Tensor4D = tf.add(clean, tf.mul(normalDraws(1, 'far', indices(2), [160, 160, 3]), epsilon / 100));
        const delta = read(tf.sub(project(far, clean, epsilon, 'l2'), clean));
        for (const one of [delta.subarray(0, 76800), delta.subarray(76800)]) {
          const radius = Math.sqrt(one.reduce((sum, v) => sum + v * v, 0));
          expect(Math.abs(radius - epsilon)).toBeLessThan(1e-6 * (1 + epsilon));
        }
      }
    });
  });

  it.each([1, -1])('finds the closed form of a linear loss, direction %i', (direction) => {
    const targeted = direction < 0;
    const clean = tf.fill([2, ...image], 0.5) as tf.Tensor4D;
    const norm = Math.hypot(...slope);
    const expected = {
      linf: slope.map((w) => 0.5 + direction * Math.sign(w) * (8 / 255)),
      l2: slope.map((w) => 0.5 + (direction * (w / norm) * 8) / 255),
    };
    for (const name of ['linf', 'l2'] as const) {
      for (const options of [{ ...base, norm: name, targeted }, startOf({ ...base, steps: 60, norm: name, targeted }, 2)]) {
        const moved = read(pgd(linear, clean, oneHot(2), options));
        const worst = moved.reduce((m, v, i) => Math.max(m, Math.abs(v - expected[name][i % size]!)), 0);
        expect(worst, name).toBeLessThan('start' in options && name === 'l2' ? 1e-3 : 1e-6);
      }
    }
    const single = addScaled(clean, fgsmDirection(linear, clean, oneHot(2), targeted), 8 / 255);
    expect(read(single).reduce((m, v, i) => Math.max(m, Math.abs(v - expected.linf[i % size]!)), 0)).toBeLessThan(1e-6);
  });

  it.each(['linf', 'l2'] as const)('gives every example what it gets alone (%s)', (norm) => {
    const options = { ...base, norm, epsilon: norm === 'l2' ? 0.5 : 8 / 255, restarts: 3 };
    const clean = imagesOf('batch', 5);
    const together = read(pgd(rugged, clean, oneHot(5), startOf(options, 5)));
    for (let b = 0; b < 5; b++) {
      const alone = pgd(rugged, tf.slice4d(clean, [b, 0, 0, 0], [1, ...image]), oneHot(1), startOf(options, 1, b));
      expect(read(alone)).toEqual(together.slice(b * size, (b + 1) * size));
    }
  });

  it('keeps the best restart of each example', () => {
    const clean = imagesOf('restarts', 6);
    const losses = (restarts: number, targeted = false): Float32Array =>
      read(rugged.loss(pgd(rugged, clean, oneHot(6), startOf({ ...base, restarts, targeted }, 6)), oneHot(6)));
    const [one, many] = [losses(1), losses(4)];
    many.forEach((loss, i) => expect(loss).toBeGreaterThanOrEqual(one[i]!));
    expect(many.some((loss, i) => loss > one[i]!)).toBe(true);
    const [oneTargeted, manyTargeted] = [losses(1, true), losses(4, true)];
    manyTargeted.forEach((loss, i) => expect(loss).toBeLessThanOrEqual(oneTargeted[i]!));
  });
});

describe('fgsm and noise', () => {
  it('noise scales one draw, clipped to the box', () => {
    const clean = imagesOf('noise', 4);
    const offsets = normalDraws(3, 'noise', indices(4), image);
    const [x, z, moved] = [read(clean), read(offsets), read(addScaled(clean, offsets, 0.3))];
    moved.forEach((v, i) => expect(v).toBeCloseTo(Math.min(1, Math.max(0, x[i]! + 0.3 * z[i]!)), 6));
    expect(read(signDraws(3, 'noise', indices(4), image))).toEqual(z.map((v) => (v < 0 ? -1 : 1)));
  });

  it('counts the examples without a gradient', () => {
    const clean = tf.tensor4d(
      Float32Array.from({ length: 4 * size }, (_, i) => (i < size ? 0.05 : 0.5)),
      [4, ...image],
    );
    expect(zeroGradientShare(rugged, clean, oneHot(4))).toBe(0.25);
  });
});
