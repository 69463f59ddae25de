/** Compares Square Attack with pyautoattack's by distribution (fixture of make_square_fixtures.py). */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AttackedBatch } from '../attack/attack-kernel.ts';
import { objectiveOf } from '../attack/objective.ts';
import { marginOf } from '../attack/logit-losses.ts';
import { squareAttack } from '../attack/square.ts';
import { Fixture } from '../testing/fixture.ts';
import { smoothNetwork } from '../testing/smooth-network.ts';
import { openTestBackend } from '../testing/test-backend.ts';

beforeAll(openTestBackend);

const [batch, seeds, queries, classes] = [12, 20, 150, 6];
const epsilon = { linf: 0.07, l2: 0.8 } as const;
const fixture = new Fixture('square');

type Norm = keyof typeof epsilon;

/** Attacks images of the fixture, by their numbers; the position in the split, which keys the draws, is beside them. */
function attack(norm: Norm, rows: readonly number[], positions: readonly number[], see: (margins: Float32Array) => void) {
  const images = tf.gather(tf.transpose(fixture.images('images'), [0, 2, 3, 1]), [...rows]) as tf.Tensor4D;
  const given = fixture.values('labels');
  const hot = tf.oneHot(tf.tensor1d(Int32Array.from(rows, (row) => given[row]!)), classes);
  const labels = tf.cast(hot, 'float32') as tf.Tensor2D;
  const classifier = smoothNetwork(fixture, (_, logits) => see(marginOf(logits, labels).dataSync<'float32'>()));
  const attacked: AttackedBatch = {
    images,
    indices: Int32Array.from(positions),
    classifier,
    objective: objectiveOf(classifier),
    isTargeted: false,
    goals: () => tf.clone(labels),
    seed: 3,
    purpose: (what) => `attack/test/${what}`,
    image: [8, 8, 3],
  };
  const found = squareAttack(attacked, { norm, epsilon: epsilon[norm], queries });
  return { images: images.dataSync<'float32'>(), found: found.dataSync<'float32'>() };
}

/** After how many queries each image falls [batch][seeds]; each seed is an example of its own. */
function queriesOf(norm: Norm): number[][] {
  const copies = Array.from({ length: batch * seeds }, (_, i) => i);
  const counts = new Array<number>(copies.length).fill(queries);
  let pass = -2; // the clean images and the start come before query 0
  const rows = copies.map((i) => Math.floor(i / seeds));
  attack(norm, rows, copies, (margins) => {
    pass++;
    margins.forEach((margin, i) => (counts[i] = margin >= 0 ? Math.min(counts[i]!, pass) : counts[i]!));
  });
  return Array.from({ length: batch }, (_, i) => counts.slice(i * seeds, (i + 1) * seeds));
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return mean(values.map((v) => (v - centre) ** 2)) * (values.length / (values.length - 1));
};

describe.each(['linf', 'l2'] as const)('Square Attack in %s', (norm) => {
  it('gives every image what it gets alone, in the ball and the box', () => {
    tf.tidy(() => {
      const [rows, positions] = [
        [0, 2, 9],
        [40, 7, 3],
      ];
      const { images, found } = attack(norm, rows!, positions!, () => undefined);
      const size = found.length / 3;
      rows!.forEach((row, b) => {
        const alone = attack(norm, [row], [positions![b]!], () => undefined).found;
        expect(alone).toEqual(found.slice(b * size, (b + 1) * size));
        const offset = alone.map((v, i) => v - images[b * size + i]!);
        const radius = norm === 'linf' ? Math.max(...offset.map(Math.abs)) : Math.hypot(...offset);
        expect(radius).toBeLessThanOrEqual(epsilon[norm] * (1 + 1e-6));
        expect(radius).toBeGreaterThan(epsilon[norm] / 2);
      });
      expect(found.every((v) => v >= 0 && v <= 1)).toBe(true);
    });
  });

  it("needs as many queries as pyautoattack's, image by image", () => {
    tf.tidy(() => {
      const theirs = fixture.values(`${norm}/queries`);
      const scores = queriesOf(norm).flatMap((ours, i) => {
        const [a, b] = [ours, Array.from(theirs.subarray(i * seeds, (i + 1) * seeds))].map((each) => each.map(Math.log1p));
        const spread = (variance(a!) + variance(b!)) / seeds;
        if (spread === 0) expect(ours, `image ${i}`).toEqual(Array.from(theirs.subarray(i * seeds, (i + 1) * seeds)));
        return spread === 0 ? [] : [(mean(a!) - mean(b!)) / Math.sqrt(spread)];
      });
      expect(scores.length).toBeGreaterThan(8);
      // Differences of means in standard errors: about normal if the distributions are equal.
      expect(Math.abs(mean(scores)) * Math.sqrt(scores.length), 'all images').toBeLessThan(3);
      expect(Math.max(...scores.map(Math.abs)), 'the worst image').toBeLessThan(4);
      expect(mean(scores.map((score) => score ** 2)), 'spread').toBeLessThan(2.5);
    });
  });
});
