/** Compares Auto-PGD with pyautoattack's (fixture of make_apgd_fixtures.py, computed in float64). */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { apgd, Strongest } from '../attack/apgd.ts';
import { logitLosses, marginOf, targetedRatio, type LogitLoss } from '../attack/logit-losses.ts';
import { Fixture } from '../testing/fixture.ts';
import { smoothNetwork } from '../testing/smooth-network.ts';
import { openTestBackend } from '../testing/test-backend.ts';

beforeAll(openTestBackend);

const [batch, size, classes] = [12, 36, 6];
const epsilon = { linf: 0.08, l2: 0.45 } as const;
const fixture = new Fixture('apgd');

const oneHot = (name: string): tf.Tensor2D =>
  tf.cast(tf.oneHot(tf.tensor1d(fixture.values(name), 'int32'), classes), 'float32') as tf.Tensor2D;
const lossNamed = (name: 'ce' | 'dlr' | 'targeted'): LogitLoss =>
  name === 'targeted' ? targetedRatio(oneHot('targets')) : logitLosses[name];

function run(norm: 'linf' | 'l2', lossName: 'ce' | 'dlr' | 'targeted') {
  const seen: Float32Array[] = [];
  const classifier = smoothNetwork(fixture, (images) => seen.push(images.dataSync<'float32'>().slice()));
  const [images, start] = [fixture.images('images'), fixture.images(`${norm}/start`)].map((t) => tf.reshape(t, [batch, 6, 6, 1]));
  const labels = oneHot('labels');
  const strongest = new Strongest(images as tf.Tensor4D);
  const loss = lossNamed(lossName);
  apgd(
    classifier,
    images as tf.Tensor4D,
    labels,
    { norm, epsilon: epsilon[norm], steps: 100, loss, start: start as tf.Tensor4D },
    strongest,
  );
  const { logits } = classifier.trace(strongest.images);
  return { seen, margins: marginOf(logits, labels).dataSync(), losses: loss.values(logits, labels).dataSync() };
}

describe.each(['linf', 'l2'] as const)('Auto-PGD in %s', (norm) => {
  it.each(['ce', 'dlr', 'targeted'] as const)("walks pyautoattack's way on %s", (loss) => {
    tf.tidy(() => {
      const { seen, margins, losses } = run(norm, loss);
      const steep = fixture.values(`${norm}/${loss}/steep`);
      expect(steep.filter(Boolean).length).toBeGreaterThan(batch / 3);
      const iterates = fixture.values(`${norm}/${loss}/iterates`);
      for (let i = 0; i < 6; i++) {
        const expected = iterates.subarray(i * batch * size, (i + 1) * batch * size);
        const off = (v: number, j: number): number => (steep[Math.floor(j / size)] ? Math.abs(v - seen[i]![j]!) : 0);
        const worst = expected.reduce((most, v, j) => Math.max(most, off(v, j)), 0);
        expect(worst, `iterate ${i}`).toBeLessThan(1e-5);
      }
      const right = Array.from(fixture.values(`${norm}/${loss}/right`), Boolean);
      expect(Array.from(margins, (margin) => margin <= 0)).toEqual(right);
      const best = fixture.values(`${norm}/${loss}/loss`);
      // The ratios of misclassified examples have poles and plateaus, where rounding decides.
      const shortfall = best.map((v, i) => (right[i] || loss === 'ce' ? v - losses[i]! : 0));
      expect(Math.max(...shortfall), 'loss that pyautoattack reaches and this does not').toBeLessThan(0.01);
    });
  });
});
