import { argmaxRows } from '@ncsweep/collapse/classifier';
import { describe, expect, it } from 'vitest';
import { fillNormal, randomKey } from '../random.ts';
import { measureFeatures, type FeatureBatches, type FeatureOptions } from './measure.ts';

const [samples, dimension, classes] = [60, 4, 3];
const classOf = Int32Array.from({ length: samples }, (_, i) => i % classes);
/** Two values that alternate at a different rate than the classes. */
const attribute = Int32Array.from({ length: samples }, (_, i) => Math.floor(i / 5) % 2);

const features = new Float32Array(samples * dimension);
fillNormal(randomKey(1, 'measure'), 0, features);
classOf.forEach((label, i) => (features[i * dimension + label]! += 3));
attribute.forEach((value, i) => (features[i * dimension + 3]! += 2 * value));

/** In two batches of unequal size. */
const labelled =
  (labels: Int32Array, count: number): FeatureBatches =>
  (use) => {
    for (const [from, to] of [
      [0, 37],
      [37, samples],
    ] as const) {
      const part = features.subarray(from * dimension, to * dimension);
      const logits = new Float32Array((to - from) * count);
      fillNormal(randomKey(2, 'logits'), from, logits);
      use({ labels: labels.subarray(from, to), logits, predictions: argmaxRows(logits, count), features: () => part });
    }
    return Promise.resolve();
  };

const options = (change: Partial<FeatureOptions> = {}): FeatureOptions => ({
  last: 'fc1/flatten',
  conventions: [{ name: 'given', from: 'labels', classes }],
  classes,
  classifier: Float64Array.from({ length: classes * dimension }, (_, i) => i % 5),
  views: [{ layer: 'fc1', pooling: 'flatten' }],
  ...change,
});

const given = { name: 'given', from: 'labels', classes } as const;
const beside = {
  sideLabels: { attribute },
  conventions: [given, { name: 'attribute', from: 'sideLabels', classes: 2 }],
} as const;

async function numbers(batches: FeatureBatches, convention: string, change: Partial<FeatureOptions> = {}) {
  const { lines } = await measureFeatures(batches, options(change));
  const own = lines.filter(({ labels }) => labels === convention);
  return new Map(own.map(({ metric, row, col, value }) => [`${metric} ${row} ${col}`, value]));
}

describe('labels beside the class', () => {
  it('group examples as labels of the data would', async () => {
    const bySide = await numbers(labelled(classOf, classes), 'attribute', beside);
    const asClass = await numbers(labelled(attribute, 2), 'given', {
      classes: 2,
      conventions: [{ ...given, classes: 2 }],
      classifier: new Float64Array(2 * dimension),
    });
    expect(bySide.size).toBeGreaterThan(10);
    for (const [name, value] of bySide) expect([name, value]).toEqual([name, asClass.get(name)]);
  });

  it('are not compared with the network, whose classes are others', async () => {
    const bySide = await numbers(labelled(classOf, classes), 'attribute', beside);
    const byClass = await numbers(labelled(classOf, classes), 'given');
    for (const name of ['nc3 -1 -1', 'nc4_own -1 -1']) expect([byClass.has(name), bySide.has(name)]).toEqual([true, false]);
  });

  it('have no clean means to compare attacked data with', async () => {
    const { means } = await measureFeatures(labelled(classOf, classes), options());
    const of = (convention: string) => numbers(labelled(classOf, classes), convention, { ...beside, cleanMeans: means });
    expect((await of('given')).has('simplex_angle -1 -1')).toBe(true);
    const bySide = await of('attribute');
    expect([bySide.has('nc1 -1 -1'), bySide.has('simplex_angle -1 -1')]).toEqual([true, false]);
  });

  it('are measured only where examples have them', async () => {
    expect((await numbers(labelled(classOf, classes), 'attribute')).size).toBe(0);
  });
});
