import { decidableClaims } from '@ncsweep/catalog/claims/decidable';
import { attack, exampleSweep, recipe } from '@ncsweep/catalog/testing/example-sweep';
import type { Point } from '@ncsweep/catalog/claims/points';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { describe, expect, it } from 'vitest';
import { syntheticTables, type Fixture } from '../testing/synthetic-tables.ts';
import { verdictLines } from './verdict-lines.ts';
import { judgeSweep, type ClaimVerdict } from './verdict.ts';

/** The example on the training split alone, which is what verdicts read. */
const small: Sweep = {
  ...exampleSweep,
  grids: exampleSweep.grids.map((g) => ({ ...g, poolings: ['flatten'], splits: ['train'] })),
};
const judge = (sweep: Sweep, fixture: Fixture = {}): readonly ClaimVerdict[] => {
  const stratum = judgeSweep(syntheticTables(sweep, fixture)).sets[0]?.strata[0];
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
/** Swaps the effects of PGD and noise on nc1. */
const noiseIsWorse = (m: Record<string, number>, p: Point): Record<string, number> =>
  p.attack === 'sign' && p.training === 'plain' ? { ...m, nc1: 5000 + 10 * p.seed } : m;

describe('verdicts', () => {
  it('supports what the tables show, and no more', () => {
    expect(outcomes(judge(small, { change: beatsPixels }))).toEqual(['Supported', 'Supported', 'Supported', 'Supported']);
    const barely: Fixture['change'] = (m, p) => {
      const known = beatsPixels(m, p);
      const gain = p.layer === 'conv1' ? ([0.02, -0.01, 0.03][p.seed - 1] ?? 0) : 0;
      return known['adaptive_ncc_accuracy'] === undefined || p.training !== 'plain'
        ? known
        : { ...known, adaptive_ncc_accuracy: 0.4 + gain };
    };
    const four = judge(small, { change: barely })[3];
    expect(four).toMatchObject({ outcome: 'Inconclusive' });
    expect(four?.reason).toContain('none of 4 layers, looked at together, is certain');
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

  it('bounds differences of shares by what shares allow', () => {
    const change: Fixture['change'] = (m, p) => ({
      ...m,
      ...(m['leap_rate'] !== undefined && { leap_rate: p.attack === 'pgd10' ? 1 - 0.01 * p.seed : 0 }),
      ...(m['adaptive_ncc_accuracy'] !== undefined && { adaptive_ncc_accuracy: p.training === 'robust' ? 1 : 0.01 * p.seed }),
    });
    const shares = judge(small, { change })
      .flatMap(({ contrasts }) => contrasts)
      .filter(({ contrast }) => ['leap_rate', 'adaptive_ncc_accuracy'].includes(contrast.left.metric));
    const against = shares.filter(({ contrast }) => !('at' in contrast.right));
    expect([shares.length, against.length]).toEqual([4, 1]);
    for (const { contrast, interval } of shares) {
      expect(Math.max(...interval!.bounds!.map(Math.abs)), contrast.id).toBeLessThanOrEqual(
        'at' in contrast.right ? 1 : 0.8 + 1e-12,
      );
      expect(interval!.bounds![0], contrast.id).toBeLessThan(interval!.bounds![1]);
    }
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
      expect(one?.reason).toContain('attack check failed for plain');
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

  it('says which seed has no number and counts it against the claim', () => {
    const four = { ...small, seeds: [1, 2, 3, 4] };
    const three = judge(four, { parked: [{ training: 'robust', seed: 2 }] })[2];
    expect(three).toMatchObject({ n: 3, outcome: 'Inconclusive' });
    expect(three?.contrasts[3]?.samples.map((s) => s.seed)).toEqual([1, 3, 4]);
    expect(three?.reason).toMatch(/seed 2: trial [0-9a-f]{16} is blocked/);
  });

  it.each([
    [Number.NaN, 'leap_rate is not a number'],
    [Infinity, 'leap_rate is ∞'],
  ])('counts a number that is %d against the claim', (value, words) => {
    const four = { ...small, seeds: [1, 2, 3, 4] };
    const change: Fixture['change'] = (m, p) => (p.seed === 3 && p.attack === 'pgd10' ? { ...m, leap_rate: value } : m);
    const two = judge(four, { change })[1];
    expect(two?.outcome).toBe('Inconclusive');
    expect(two?.reason).toContain(`leap rate PGD − noise: seed 3: ${words}`);
  });

  it('neither supports nor contradicts with two seeds, however far apart the numbers are', () => {
    for (const change of [undefined, noiseIsWorse]) {
      const verdicts = judge({ ...small, seeds: [1, 2] }, change === undefined ? {} : { change });
      expect(new Set(outcomes(verdicts))).toEqual(new Set(['Inconclusive']));
      expect(verdicts[0]?.reason).toContain('two seeds cannot tell spread from chance');
    }
  });

  it('takes three equal seeds for no certainty beyond one example', () => {
    const change: Fixture['change'] = (m, p) =>
      p.training !== 'plain' ? m : { ...m, leap_rate: p.attack === 'pgd10' ? 1 : 0.998 };
    expect(judge(small, { change })[1]).toMatchObject({ outcome: 'Inconclusive' });
  });
});

/** Sets numbers of one training under one attack (none: clean), at the last epoch only. */
const set =
  (
    training: string,
    attack: string,
    values: (seed: number) => Record<string, number>,
    epsilon?: string,
  ): NonNullable<Fixture['change']> =>
  (m, p) =>
    p.training === training && p.attack === attack && p.epoch === 60 && (epsilon === undefined || p.epsilon === epsilon)
      ? { ...m, ...values(p.seed) }
      : m;
const seedsOf =
  (name: string, ...values: readonly number[]) =>
  (seed: number): Record<string, number> => ({ [name]: values[seed - 1] ?? 0 });

describe('references that no training sets', () => {
  it.each([
    ['classes wider than they are apart', 1, set('plain', 'none', (seed) => ({ nc1: 30 + seed }))],
    ['class means that are no simplex', 1, set('plain', 'none', (seed) => ({ nc2_equiangular_means: 0.3 + 0.01 * seed }))],
    ['classes that the attack leaves apart', 1, set('plain', 'pgd10', (seed) => ({ nc1: 1 + 0.1 * seed }))],
    [
      'examples that stay near their own vertex',
      2,
      set('plain', 'pgd10', (seed) => ({ leap_example_cos_true: 0.8 + 0.01 * seed })),
    ],
    ['an angle of 80°', 3, set('robust', 'pgd10', (seed) => ({ simplex_angle: 78 + seed }))],
    ['perturbed classes wider than they are apart', 3, set('robust', 'pgd10', (seed) => ({ nc1: 100 + seed }))],
    ['an adaptive accuracy at chance', 3, set('robust', 'ncc-pgd10', (seed) => ({ adaptive_ncc_accuracy: 0.18 + 0.01 * seed }))],
  ])('refuse %s, which is still better or worse than what it is compared with', (_, claim, change) => {
    const verdict = judge(small, { change })[claim - 1];
    expect(verdict?.outcome).not.toBe('Supported');
    expect(judge(small)[claim - 1]?.outcome).toBe('Supported');
  });

  it('does not count beating raw pixels below chance', () => {
    const change: Fixture['change'] = (m, p) => {
      const { adaptive_ncc_accuracy: known, ...rest } = beatsPixels(m, p);
      return known === undefined ? rest : { ...rest, adaptive_ncc_accuracy: 0.25 * known };
    };
    expect(judge(small, { change: beatsPixels })[3]?.outcome).toBe('Supported');
    expect(judge(small, { change })[3]?.outcome).toBe('Contradicted');
  });
});

describe('equivalence checks', () => {
  const accuracy = (training: string, attack: string, ...values: readonly number[]) =>
    set(training, attack, seedsOf('accuracy', ...values), '8/255');
  const both =
    (...changes: readonly NonNullable<Fixture['change']>[]): NonNullable<Fixture['change']> =>
    (m, p) =>
      changes.reduce((now, change) => change(now, p), m);

  it.each([
    [
      'a stronger attack that halves the accuracy',
      'More steps or restarts change nothing',
      both(accuracy('robust', 'pgd10', 0.9, 0.85, 0.95), accuracy('robust', 'pgd50', 0.5, 0.25, 0.75)),
    ],
    [
      'accuracies far above chance at the largest epsilon',
      'Accuracy reaches chance at the largest epsilon',
      set('robust', 'pgd10', seedsOf('accuracy', 0.9, 0.6, 0.2), '64/255'),
    ],
    [
      'FGSM that is 20 points stronger than PGD',
      'PGD ≥ FGSM ≥ noise in strength',
      both(accuracy('robust', 'pgd10', 0.9, 0.85, 0.95), accuracy('robust', 'fgsm', 0.7, 0.65, 0.75)),
    ],
    [
      'one seed of three that rises with epsilon',
      'Accuracy falls with epsilon',
      set('robust', 'pgd10', (seed) => (seed === 2 ? { accuracy: 1 } : {}), '16/255'),
    ],
  ])('fail on %s', (_, title, change) => {
    const checks = (given?: Fixture['change']) => {
      const setting = judgeSweep(syntheticTables(small, given === undefined ? {} : { change: given })).settings[0];
      return setting?.checks.find((c) => c.training === 'robust' && c.title === title);
    };
    expect(checks()?.state).toBe('passed');
    expect(checks(change)?.state).toBe('failed');
  });

  it('pass where nothing changes, and fail where a seed is missing', () => {
    const stronger = (fixture: Fixture) =>
      judgeSweep(syntheticTables({ ...small, seeds: [1, 2, 3, 4] }, fixture)).settings[0]?.checks.find(
        (c) => c.training === 'robust' && c.id === 'strength',
      );
    expect(stronger({})?.state).toBe('passed');
    expect(stronger({ parked: [{ training: 'robust', seed: 3 }] })).toMatchObject({ state: 'failed' });
  });

  it('let the controls of the angle and of the own head fail', () => {
    const control = (id: string, change?: Fixture['change']) =>
      judge(small, change === undefined ? {} : { change })[2]?.controls.find((c) => c.control.id === id)?.state;
    for (const id of ['split-half-floor', 'own-robust-accuracy']) expect(control(id)).toBe('valid');
    expect(
      control(
        'split-half-floor',
        set('robust', 'pgd10', () => ({ simplex_angle: 45 })),
      ),
    ).toBe('failed');
    expect(
      control(
        'split-half-floor',
        set('robust', 'pgd10', () => ({ simplex_angle: 70, split_half_angle: 69 })),
      ),
    ).toBe('failed');
    expect(
      control(
        'own-robust-accuracy',
        set('robust', 'pgd10', () => ({ ncc_accuracy_clean_means: 0.7 })),
      ),
    ).toBe('failed');
  });
});

describe('plan and judge', () => {
  it('agree about what a sweep can decide, whatever it lacks', () => {
    const poolings = ['flatten', 'gap'] as const;
    for (let lacks = 0; lacks < 32; lacks += 1) {
      const kept = small.grids.filter((_, i) => i === 0 || ((lacks >> (i - 1)) & 1) === 0);
      const pooling = poolings[(lacks >> 3) & 1] ?? 'flatten';
      const sweep: Sweep = {
        ...small,
        trainings: (lacks & 16) === 0 ? small.trainings : small.trainings.slice(0, 1),
        grids: kept.map((g) => (g.name === 'over-training' ? { ...g, poolings: [pooling] } : g)),
      };
      const judged = judge(sweep).map(
        (v) => !v.contrasts.some((c) => c.outcome === 'absent') && !v.controls.some((c) => c.state === 'absent'),
      );
      expect(
        decidableClaims(sweep).map((c) => c.decidable),
        sweep.grids.map((g) => g.name).join(),
      ).toEqual(judged);
    }
  });
});

describe('TRADES', () => {
  const trades = { name: 'trades', params: recipe({ loss: 'trades', attack, beta: 6 }) };
  const sweep: Sweep = { ...small, trainings: [...small.trainings, trades] };
  const wide = (m: Record<string, number>, p: Point): Record<string, number> =>
    p.training === 'trades' ? { ...m, nc1: 8 + p.seed, nc2_equiangular_means: 0.4 + 0.01 * p.seed } : m;

  it('is a claim of its own: supported without simplices, not by being less collapsed than AT', () => {
    expect(judge(sweep, { change: wide })[4]).toMatchObject({ outcome: 'Supported', claim: { number: 5 } });
    const narrow = (m: Record<string, number>, p: Point): Record<string, number> =>
      p.training === 'trades' ? { ...wide(m, p), nc1: 1 + 0.1 * p.seed } : m;
    expect(judge(sweep, { change: narrow })[4]).toMatchObject({ outcome: 'Inconclusive' });
    expect(judge(small)).toHaveLength(4);
  });
});

describe('verdictLines', () => {
  it('prints one line a claim with its headline number', () => {
    const lines = verdictLines(judgeSweep(syntheticTables(small)));
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(
      /^ {2}3 AT keeps aligned simplices +SUPPORTED +angle AT − ST −[\d.]+° \[−[\d.]+, −[\d.]+\] at 8\/255 on training data$/,
    );
  });

  it('names what the test split does not show', () => {
    const splits = { ...small, grids: small.grids.map((g) => ({ ...g, splits: ['train', 'test'] as const })) };
    const change: Fixture['change'] = (m, p) => (p.split === 'test' && p.training === 'robust' ? { ...m, nc1: 50 + p.seed } : m);
    const lines = verdictLines(judgeSweep(syntheticTables(splits, { change })));
    expect(lines[2]).toMatch(/SUPPORTED.*on training data; not on test data: .*clean nc1\/\(K − 1\)/);
    expect(lines[1]).not.toContain('test data');
  });

  it('counts strata and never pools them', () => {
    const architectures = [16, 32].map((width) => ({ name: `w${width}`, params: { name: 'convnet' as const, width, depth: 4 } }));
    const change: Fixture['change'] = (m, p) => (p.architecture === 'w32' ? noiseIsWorse(m, p) : m);
    const lines = verdictLines(judgeSweep(syntheticTables({ ...small, architectures }, { change })));
    expect(lines[0]).toContain('CONTRADICTED 1 of 2');
    expect(lines[1]).toContain('SUPPORTED 2 of 2');
  });
});
