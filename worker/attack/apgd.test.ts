import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTestBackend } from '../testing/test-backend.ts';
import { fillUniform, randomKey } from '../random.ts';
import { apgdKernel, apgdTargetedKernel } from './kernels/apgd.ts';
import type { AttackedBatch } from './attack-kernel.ts';
import { marginOf } from './logit-losses.ts';
import { objectiveOf, type Classifier } from './objective.ts';

beforeAll(openTestBackend);

const image = [3, 4, 2] as const;
const size = 24;
const classes = 5;
/** Rounding error of a pixel in float32. */
const halfUnit = 6e-8;

const uniform = (purpose: string, count: number): Float32Array => {
  const out = new Float32Array(count);
  fillUniform(randomKey(5, purpose), 0, out);
  return out;
};

/** sin(8 x W), which has many maxima. */
const rugged: Classifier = {
  trace: (images) => {
    const weights = tf.tensor2d(uniform('weights', size * classes), [size, classes]);
    const inner: tf.Tensor2D = tf.mul(tf.matMul(tf.reshape(images, [-1, size]), weights), 8);
    return {
      logits: tf.sin(inner),
      pull: (dLogits) => tf.reshape(tf.matMul(tf.mul(tf.mul(dLogits, tf.cos(inner)), 8), weights, false, true), images.shape),
    };
  },
};

/** A batch of examples from this one on, each labelled by its own class. */
function batchOf(count: number, from = 0): AttackedBatch {
  const indices = Int32Array.from({ length: count }, (_, i) => from + i);
  const pixels = uniform('images', 12 * size).subarray(from * size, (from + count) * size);
  const images = tf.tensor4d(pixels, [count, ...image]);
  const labels = tf.argMax(rugged.trace(images).logits, 1).dataSync<'int32'>();
  return {
    images,
    indices,
    classifier: rugged,
    objective: objectiveOf(rugged),
    isTargeted: false,
    goals: () => tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32') as tf.Tensor2D,
    seed: 7,
    purpose: (what) => `attack/test/${what}`,
    image,
  };
}

const read = (tensor: tf.Tensor): Float32Array => tensor.dataSync() as Float32Array;
const margins = ({ goals }: AttackedBatch, images: tf.Tensor4D): Float32Array =>
  read(marginOf(rugged.trace(images).logits, goals()));

const kernels = {
  ce: (norm: 'linf' | 'l2', steps: number, epsilon: number, batch: AttackedBatch) =>
    apgdKernel.perturb({ kind: 'apgd', norm, steps, restarts: 2, objective: 'ce' }, epsilon, batch),
  dlr: (norm: 'linf' | 'l2', steps: number, epsilon: number, batch: AttackedBatch) =>
    apgdKernel.perturb({ kind: 'apgd', norm, steps, restarts: 2, objective: 'dlr' }, epsilon, batch),
  targeted: (norm: 'linf' | 'l2', steps: number, epsilon: number, batch: AttackedBatch) =>
    apgdTargetedKernel.perturb({ kind: 'apgd-t', norm, steps, targets: 9 }, epsilon, batch),
};

describe.each(['ce', 'dlr', 'targeted'] as const)('Auto-PGD on %s', (name) => {
  it('stays in the ball and in the box', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('linf' as const, 'l2' as const),
        fc.double({ min: 1e-3, max: 2, noNaN: true }),
        (norm, epsilon) => {
          tf.tidy(() => {
            const batch = batchOf(3);
            const [x, y] = [read(batch.images), read(kernels[name](norm, 4, epsilon, batch))];
            expect(y.every((v) => v >= 0 && v <= 1)).toBe(true);
            for (let b = 0; b < 3; b++) {
              const delta = Array.from({ length: size }, (_, i) => y[b * size + i]! - x[b * size + i]!);
              const radius = norm === 'linf' ? Math.max(...delta.map(Math.abs)) : Math.hypot(...delta);
              expect(radius).toBeLessThanOrEqual(epsilon * (1 + 1e-6) + halfUnit * Math.sqrt(size));
            }
          });
        },
      ),
      { numRuns: 10 },
    );
  });

  it('gives every example what it gets alone', () => {
    tf.tidy(() => {
      const together = read(kernels[name]('linf', 20, 0.05, batchOf(5)));
      for (let b = 0; b < 5; b++)
        expect(read(kernels[name]('linf', 20, 0.05, batchOf(1, b)))).toEqual(together.slice(b * size, (b + 1) * size));
    });
  });

  it('leaves nothing in memory but its result', () => {
    tf.tidy(() => {
      const batch = batchOf(4);
      const before = tf.memory().numTensors;
      const made = tf.tidy(() => kernels[name]('linf', 12, 0.05, batch));
      expect(tf.memory().numTensors - before).toBe(1);
      made.dispose();
    });
  });

  it('misclassifies no fewer examples with more steps', () => {
    tf.tidy(() => {
      const batch = batchOf(12);
      const fallen = (steps: number): number =>
        margins(batch, kernels[name]('linf', steps, 0.02, batch)).filter((margin) => margin > 0).length;
      expect(fallen(40)).toBeGreaterThan(0);
      expect(fallen(40)).toBeGreaterThanOrEqual(fallen(1));
    });
  });
});
