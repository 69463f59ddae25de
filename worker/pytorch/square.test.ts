/** Compares Square Attack with pyautoattack's by distribution (fixture of make_square_fixtures.py). */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
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

/** After how many queries each image falls [batch][seeds]; each seed is an example of its own. */
function queriesOf(norm: 'linf' | 'l2'): number[][] {
  const copies = batch * seeds;
  const each = <T>(make: (i: number) => T): T[] => Array.from({ length: copies }, (_, i) => make(Math.floor(i / seeds)));
  const images = tf.gather(
    tf.transpose(fixture.images('images'), [0, 2, 3, 1]),
    each((i) => i),
  ) as tf.Tensor4D;
  const given = fixture.values('labels');
  const hot = tf.oneHot(
    tf.tensor1d(
      each((i) => given[i]!),
      'int32',
    ),
    classes,
  );
  const labels = tf.cast(hot, 'float32') as tf.Tensor2D;
  const found = new Array<number>(copies).fill(queries);
  let pass = -2; // the clean images and the start come before query 0
  const classifier = smoothNetwork(fixture, (_, logits) => {
    pass++;
    marginOf(logits, labels)
      .dataSync<'float32'>()
      .forEach((margin, i) => (found[i] = margin >= 0 ? Math.min(found[i]!, pass) : found[i]!));
  });
  squareAttack(
    {
      images,
      indices: Int32Array.from({ length: copies }, (_, i) => i),
      classifier,
      objective: objectiveOf(classifier),
      isTargeted: false,
      goals: () => tf.clone(labels),
      seed: 3,
      purpose: (what) => `attack/test/${what}`,
      image: [8, 8, 3],
    },
    { norm, epsilon: epsilon[norm], queries },
  );
  return Array.from({ length: batch }, (_, i) => found.slice(i * seeds, (i + 1) * seeds));
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return mean(values.map((v) => (v - centre) ** 2)) * (values.length / (values.length - 1));
};

describe.each(['linf', 'l2'] as const)('Square Attack in %s', (norm) => {
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
