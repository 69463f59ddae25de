import { exampleSweep } from '@ncsweep/catalog/claims/example-sweep';
import type { Point } from '@ncsweep/catalog/claims/points';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { describe, expect, it } from 'vitest';
import { syntheticTables, type Fixture } from '../fixtures/synthetic-tables.ts';
import { verdictLines } from './verdict-lines.ts';
import { judgeSweep, type ClaimVerdict } from './verdict.ts';

/** The example on the training split alone, which is what verdicts read. */
const small: Sweep = {
  ...exampleSweep,
  grids: exampleSweep.grids.map((g) => ({ ...g, poolings: ['flatten'], splits: ['train'] })),
};
const judge = (sweep: Sweep, fixture: Fixture = {}): readonly ClaimVerdict[] => {
  const stratum = judgeSweep(syntheticTables(sweep, fixture)).strata[0];
  return stratum?.verdicts ?? [];
};
const outcomes = (verdicts: readonly ClaimVerdict[]): string[] => verdicts.map((v) => v.outcome);
const grids = (...without: string[]): Sweep => ({
  ...small,
  grids: small.grids.filter((g) => !without.includes(g.name)),
});

/** Lets the early layers beat raw pixels, so that claim 4 has something to show. */
const beatsPixels = (m: Record<string, number>, p: Point): Record<string, number> =>
  p.training !== 'plain' || p.pooling !== 'flatten'
    ? m
    : p.epoch === 0
      ? { ...m, ncc_accuracy_clean_means: 0.3 }
      : m['adaptive_ncc_accuracy'] === undefined
        ? m
        : { ...m, adaptive_ncc_accuracy: (p.layer === 'input' ? 0.4 : p.layer === 'conv1' ? 0.7 : 0.1) + 0.01 * p.seed };
/** Exchanges what PGD and noise do to nc1. */
const noiseIsWorse = (m: Record<string, number>, p: Point): Record<string, number> =>
  p.attack === 'sign' && p.training === 'plain' ? { ...m, nc1: 5000 + 10 * p.seed } : m;

describe('verdicts', () => {
  it('supports what the tables show, and no more', () => {
    expect(outcomes(judge(small, { change: beatsPixels }))).toEqual(['Supported', 'Supported', 'Supported', 'Supported']);
    const four = judge(small)[3];
    expect(four).toMatchObject({ outcome: 'Inconclusive' });
    expect(four?.reason).toContain('none certain after correction for 4 layers');
  });

  it('contradicts when a required contrast lies wholly on the other side', () => {
    const [one] = judge(small, { change: noiseIsWorse });
    expect(one).toMatchObject({ outcome: 'Contradicted', reason: 'nc1 PGD/noise on the other side' });
  });

  it('does not contradict by a contrast that is not required', () => {
    const change: Fixture['change'] = (m, p) =>
      p.attack === 'sign' && p.training === 'plain' ? { ...m, nc2_equinorm_means: 50 + p.seed } : m;
    expect(judge(small, { change })[0]).toMatchObject({
      outcome: 'Inconclusive',
      reason: 'NC2 norms PGD/noise is not on the predicted side',
    });
  });

  it('says how many seeds would decide when the seeds disagree', () => {
    const change: Fixture['change'] = (m, p) =>
      p.attack === 'sign' && p.training === 'plain' ? { ...m, nc1: [0.1, 300, 3][p.seed - 1] ?? 1 } : m;
    expect(judge(small, { change })[0]?.reason).toMatch(
      /nc1 PGD\/noise: interval includes no difference; about \d+ seeds would decide/,
    );
  });

  it('gives a direction and no verdict for one seed', () => {
    const verdicts = judge({ ...small, seeds: [1] });
    expect(outcomes(verdicts)).toEqual(['Inconclusive', 'Inconclusive', 'Inconclusive', 'Inconclusive']);
    expect(verdicts[0]).toMatchObject({ directionOnly: true, n: 1, reason: 'direction only (n = 1), all as predicted' });
  });

  it('does not support without its control', () => {
    const [one, , three] = judge(grids('strength'));
    expect(one?.outcome).toBe('Supported');
    expect(three).toMatchObject({ outcome: 'Inconclusive', reason: 'no stronger attack run' });
  });

  it('does not support with a failed control', () => {
    const unfit: Fixture['change'] = (m, p) => (p.epsilon === '0/1' ? { ...m, accuracy: 0.9 } : m);
    expect(judge(small, { change: unfit })[0]).toMatchObject({ outcome: 'Inconclusive' });
    const weak: Fixture['change'] = (m, p) => (p.attack === 'pgd50' ? { ...m, simplex_angle: 60 + p.seed } : m);
    expect(judge(small, { change: weak })[2]?.reason).toContain('a stronger attack changes the result');
  });

  it('neither supports nor contradicts on a failed attack check, and dims', () => {
    const blind: Fixture['change'] = (m, p) =>
      p.attack === 'pgd10' && p.training === 'plain' && p.epsilon === '64/255' ? { ...m, accuracy: 0.6 } : m;
    for (const change of [blind, (m: Record<string, number>, p: Point) => noiseIsWorse(blind(m, p), p)]) {
      const [one] = judge(small, { change });
      expect(one).toMatchObject({ outcome: 'Inconclusive', dimmed: true });
      expect(one?.reason).toContain('attack check failed for ST');
    }
  });

  it('prints what to add when a contrast was not asked for', () => {
    const [, , three, four] = judge(grids('adaptive'));
    expect(three?.outcome).toBe('Not measured');
    expect(four?.contrasts[1]?.missing[0]).toContain('objective: ncc');
  });

  it('says why when a contrast was asked for and failed', () => {
    const parked = [1, 2, 3].map((seed) => ({ training: 'robust', seed }));
    const three = judge(small, { parked })[2];
    expect(three?.outcome).toBe('Not measured');
    expect(three?.contrasts[0]?.missing[0]).toMatch(/^trial [0-9a-f]{16} is blocked: waits for/);
  });

  it('uses the seeds that are there, in pairs', () => {
    const three = judge(small, { parked: [{ training: 'robust', seed: 2 }] })[2];
    expect(three).toMatchObject({ n: 2 });
    expect(three?.contrasts[3]?.samples.map((s) => s.seed)).toEqual([1, 3]);
  });

  it('treats a number that is not finite as missing', () => {
    const change: Fixture['change'] = (m, p) => (p.seed === 3 ? { ...m, leap_rate: Number.NaN } : m);
    expect(judge(small, { change })[1]?.contrasts[0]?.interval?.n).toBe(2);
  });
});

describe('verdictLines', () => {
  it('prints one line a claim with its headline number', () => {
    const lines = verdictLines(judgeSweep(syntheticTables(small)));
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(
      /^ {2}3 AT keeps aligned simplices +SUPPORTED +angle AT − ST −[\d.]+° \[−[\d.]+, −[\d.]+\] at 8\/255$/,
    );
  });

  it('counts strata and never pools them', () => {
    const architectures = [16, 32].map((width) => ({ name: `w${width}`, params: { name: 'convnet' as const, width, depth: 4 } }));
    const change: Fixture['change'] = (m, p) => (p.architecture === 'w32' ? noiseIsWorse(m, p) : m);
    const lines = verdictLines(judgeSweep(syntheticTables({ ...small, architectures }, { change })));
    expect(lines[0]).toContain('CONTRADICTED 1 of 2');
    expect(lines[1]).toContain('SUPPORTED 2 of 2');
  });
});
