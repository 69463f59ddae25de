import { asMadeParams, imagesOf, type MadeParams } from '@ncsweep/catalog/datasets';
import { moons } from '@ncsweep/catalog/datasets/moons';
import { readFields } from '@ncsweep/catalog/part-kind';
import { describe, expect, it } from 'vitest';
import { makeMoons } from './moons.ts';
import type { Split } from './dataset.ts';

const paramsOf = (written: Readonly<Record<string, unknown>>): MadeParams<'moons'> =>
  asMadeParams(
    moons,
    readFields(moons, written, () => undefined)!,
  ) as MadeParams<'moons'>;
const made = (written: Readonly<Record<string, unknown>>) => makeMoons(paramsOf(written), 1);

/** Points [count][2] as a network reads them. */
const pointsOf = ({ count, images }: Split): readonly (readonly [number, number])[] => {
  const pixels = images(Int32Array.from({ length: count }, (_, i) => i));
  const { mean, std } = moons.normalisation;
  return Array.from(
    { length: count },
    (_, i) => [0, 1].map((j) => (pixels[2 * i + j]! - mean[0]!) / std[0]!) as [number, number],
  );
};

describe('moons', () => {
  const apart = made({ margin: 0.1, testMargin: -0.5 });
  const points = pointsOf(apart.train);
  const sideOf = (i: number): number => (apart.train.labels[i] === 0 ? 1 : -1);

  it('leave a gap of twice the margin along the second coordinate', () => {
    const heights = points.map(([, height], i) => sideOf(i) * height);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(0.1 - 1e-6);
    expect(Math.min(...heights)).toBeLessThan(0.12);
  });

  it('overlap there below a margin of 0, and in test data with a margin of their own', () => {
    const overlap = pointsOf(made({ margin: -0.1 }).train).filter(([, height], i) => sideOf(i) * height < 0);
    expect(overlap.length).toBeGreaterThan(10);
    const shifted = pointsOf(apart.test).filter(([, height], i) => (i % 2 === 0 ? 1 : -1) * height < 0);
    expect(shifted.length).toBeGreaterThan(400);
  });

  it('lie on two arcs that are one turned by half a turn', () => {
    for (const [i, [x, height]] of points.entries()) {
      const [along, above] = [sideOf(i) * x + 0.5, sideOf(i) * height - 0.1 - 0.05];
      expect(Math.abs(Math.hypot(along, above) - 1), `point ${i}`).toBeLessThan(0.5); // five deviations of the noise
    }
    const mean = (label: number, j: 0 | 1): number => {
      const some = points.filter((_, i) => apart.train.labels[i] === label);
      return some.reduce((sum, point) => sum + point[j], 0) / some.length;
    };
    // E cos t = 0, E sin t = 2/π; 150 points have a standard error of 0.06 along and 0.03 across.
    expect(
      [mean(0, 0), mean(0, 1), mean(1, 0), mean(1, 1)].map((m, i) => Math.abs(m - [-0.5, 0.787, 0.5, -0.787][i]!)),
    ).toSatisfy((off: number[]) => off.every((each) => each < 0.18));
  });

  it('differ by the margin alone', () => {
    const other = pointsOf(made({ margin: -0.1 }).train);
    for (const [i, [x, height]] of points.entries()) {
      expect(other[i]![0]).toBeCloseTo(x, 6);
      expect(sideOf(i) * (height - other[i]![1])).toBeCloseTo(0.2, 5);
    }
  });

  it('have two classes of two pixels, and ids without a test margin that is the usual one', () => {
    expect(imagesOf(paramsOf({}))).toMatchObject({ image: [1, 2, 1], classes: 2 });
    expect(paramsOf({ margin: 0.2, testMargin: 0.2 })).toEqual(paramsOf({ margin: 0.2 }));
  });
});
