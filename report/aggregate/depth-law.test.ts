import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { describe, expect, it } from 'vitest';
import { syntheticTables } from '../testing/synthetic-tables.ts';
import { depthLaw, fitLine } from './depth-law.ts';
import { judgeSweep } from './verdict.ts';
import { indexTrials } from './trial-index.ts';

describe('fitLine', () => {
  it('finds an exact line, and r of a hand-made cloud', () => {
    expect(
      fitLine([
        [0, 5],
        [1, 3],
        [2, 1],
      ]),
    ).toEqual({ correlation: -1, slope: -2 });
    // Deviations (−1,0,1) and (−1/3,2/3,−1/3): no covariance.
    expect(
      fitLine([
        [0, 0],
        [1, 1],
        [2, 0],
      ])!.correlation,
    ).toBeCloseTo(0, 12);
    expect(
      fitLine([
        [0, 0],
        [1, 1.5],
        [2, 3],
      ])!.slope,
    ).toBeCloseTo(1.5, 12);
  });

  it('needs three points that vary', () => {
    expect(
      fitLine([
        [0, 1],
        [1, 2],
      ]),
    ).toBeUndefined();
    expect(
      fitLine([
        [0, 1],
        [1, 1],
        [2, 1],
      ]),
    ).toBeUndefined();
  });
});

describe('depthLaw', () => {
  const layers = ['input', 'conv1', 'conv2', 'conv3', 'conv4', 'gap'];
  const lawOf = (separation: (depth: number, seed: number) => number) => {
    const tables = syntheticTables(exampleSweep, {
      change: (m, p) => ({ ...m, separation: separation(layers.indexOf(p.layer), p.seed) }),
    });
    const { roles } = judgeSweep(tables).settings[0]!;
    return depthLaw(
      { index: indexTrials(tables), roles, split: 'train' },
      { training: tables.sweep.trainings[0]!, attack: 'none' },
    );
  };

  it('finds a geometric decay in every seed', () => {
    const { correlation, decay } = lawOf((depth, seed) => seed * 0.5 ** depth);
    expect(correlation?.interval.mean).toBeCloseTo(-1, 9);
    expect(decay?.interval.mean).toBeCloseTo(0.5, 9);
    expect(decay?.samples.map((s) => s.seed)).toEqual(exampleSweep.seeds);
    expect(decay?.samples[0]?.trials).toHaveLength(layers.length);
  });

  it('gives the geometric mean of decays that differ by seed', () => {
    const { decay } = lawOf((depth, seed) => (seed === 1 ? 0.25 : 0.5) ** depth);
    const n = exampleSweep.seeds.length;
    expect(decay?.interval.mean).toBeCloseTo((0.25 * 0.5 ** (n - 1)) ** (1 / n), 9);
  });

  it('says nothing where D does not vary', () => {
    expect(lawOf(() => 3)).toEqual({ correlation: undefined, decay: undefined });
  });
});
