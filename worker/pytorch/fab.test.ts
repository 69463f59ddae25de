/** Compares FAB with pyautoattack's (fixture of make_fab_fixtures.py). */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { fab, Nearest } from '../attack/fab.ts';
import { lengthOf, toHyperplane } from '../attack/fab-projection.ts';
import { rivalOf } from '../attack/logit-losses.ts';
import { Fixture } from '../testing/fixture.ts';
import { smoothNetwork } from '../testing/smooth-network.ts';
import { openTestBackend } from '../testing/test-backend.ts';

beforeAll(openTestBackend);

const [batch, classes] = [12, 6];
const network = new Fixture('apgd');
const fixture = new Fixture('fab');

/** How near one run comes for each target [targets][batch]; −1 where it finds nothing. */
function radiiOf(norm: 'linf' | 'l2', steps: number): number[][] {
  const classifier = smoothNetwork(network, () => undefined);
  const images = tf.reshape(network.images('images'), [batch, 6, 6, 1]) as tf.Tensor4D;
  const labels = network.labels(classes);
  return Array.from({ length: classes - 1 }, (_, rank) => {
    const nearest = new Nearest(images);
    const targets = rivalOf(classifier.trace(images).logits, labels, rank);
    fab(classifier, images, { labels, targets }, { norm, steps }, nearest);
    return Array.from(nearest.radii, (radius) => (radius === Infinity ? -1 : radius));
  });
}

describe.each(['linf', 'l2'] as const)('FAB in %s', (norm) => {
  // An iterate lies just beyond the boundary, so rounding, which differs between backends, decides of a few whether it counts already.
  it.each([
    ['early', 5, 1e-4, 0.05],
    ['all', 100, 0.01, 0],
  ] as const)("comes as near as pyautoattack's after %s steps", (length, steps, tolerance, decidedByRounding) => {
    tf.tidy(() => {
      const theirs = fixture.values(`${norm}/${length}`);
      const radii = radiiOf(norm, steps).flat();
      const apart = radii.flatMap((radius, i) => {
        const image = { target: Math.floor(i / batch), image: i % batch, radius, theirs: theirs[i]! };
        return Math.abs(radius - theirs[i]!) < tolerance * theirs[i]! + 1e-5 ? [] : [image];
      });
      expect(apart.length, JSON.stringify(apart)).toBeLessThanOrEqual(decidedByRounding * radii.length);
    });
  });

  it('steps to a plane within the box, on the shortest way', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const weight = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(unit, weight, unit), { minLength: 2, maxLength: 8 }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        (rows, distance) => {
          const [x, w, other] = [0, 1, 2].map((k) => Float32Array.from(rows, (row) => row[k]!)) as [
            Float32Array,
            Float32Array,
            Float32Array,
          ];
          const way = toHyperplane(x, w, distance, norm);
          way.forEach((v, i) => expect(x[i]! + v).toBeCloseTo(Math.min(Math.max(x[i]! + v, 0), 1), 12));
          const gained = -way.reduce((sum, v, i) => sum + v * w[i]!, 0) * (distance < 0 ? -1 : 1);
          expect(gained).toBeLessThan(Math.abs(distance) + 1e-9);
          // Any other point of the box that crosses the plane is at least as far; one that does not reach it gains no more.
          const offset = Float64Array.from(other, (v, i) => v - x[i]!);
          const theirs = -offset.reduce((sum, v, i) => sum + v * w[i]!, 0) * (distance < 0 ? -1 : 1);
          if (theirs >= Math.abs(distance)) expect(lengthOf(offset, norm)).toBeGreaterThan(lengthOf(way, norm) - 1e-9);
          else if (gained < Math.abs(distance) - 1e-9) expect(theirs).toBeLessThan(gained + 1e-9);
        },
      ),
      { numRuns: 300 },
    );
  });
});
