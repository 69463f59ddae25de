import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wave } from '../../testing/wave.ts';
import {
  capacityOf,
  memoryStepOf,
  mostWaves,
  planPool,
  shareWorkers,
  uselessWaves,
  type PoolState,
  type Wave,
} from './pool-plan.ts';

const pool = (wanted: number, waves: readonly Wave[], change: Partial<PoolState> = {}): PoolState => ({
  wanted,
  waves,
  template: 'now',
  idleSinceMs: undefined,
  last: undefined,
  ...change,
});
const later = 1_000_000;

describe('memoryStepOf', () => {
  it.each<[string, readonly Wave[], number, number]>([
    ['none where nothing needs it', [], 0, 0],
    ['what a task needs', [wave(0)], 2, 2],
    ['what a living wave has, also when nothing needs it any more', [wave(0), wave(1, { memoryStep: 1 })], 0, 1],
    [
      'less again when the larger waves are gone',
      [wave(0, { memoryStep: 2, finished: true }), wave(1, { memoryStep: 2, ended: 2 })],
      0,
      0,
    ],
  ])('is %s', (_, waves, needed, expected) => {
    expect(memoryStepOf(waves, needed)).toBe(expected);
  });

  it('lets a larger wave take the place of the others', () => {
    const waves = [wave(0, { template: 'small' }), wave(1, { template: 'small', finished: true })];
    expect(planPool(pool(2, waves), later)).toEqual({ drain: ['wave-0'], create: { index: 2, size: 2 } });
  });
});

describe('planPool', () => {
  it('uses no name again, also when the Job is gone', () => {
    expect(planPool(pool(3, [], { last: { index: 4, madeMs: 0 } }), later).create).toEqual({ index: 5, size: 3 });
  });

  it('grows by a wave of what is missing, with the next index', () => {
    expect(planPool(pool(3, []), later)).toEqual({ drain: [], create: { index: 0, size: 3 } });
    expect(planPool(pool(5, [wave(0), wave(4, { finished: true })]), later)).toEqual({
      drain: [],
      create: { index: 5, size: 3 },
    });
  });

  it('replaces workers that ended, and only those', () => {
    expect(planPool(pool(2, [wave(0, { ended: 1 })]), later)).toEqual({ drain: [], create: { index: 1, size: 1 } });
    expect(planPool(pool(2, [wave(0)]), later)).toEqual({ drain: [] });
  });

  it('makes a wave at most every ten seconds, and at most twenty', () => {
    expect(planPool(pool(3, [wave(0)], { last: { index: 0, madeMs: later - 9_999 } }), later)).toEqual({ drain: [] });
    const many = Array.from({ length: mostWaves }, (_, i) => wave(i, { size: 1 }));
    expect(planPool(pool(100, many), later).create).toBeUndefined();
  });

  it('that has twenty waves grows by letting the smallest make place, as far as there are no more of them than are missing', () => {
    const [small, large] = [
      Array.from({ length: 5 }, (_, i) => wave(i)),
      Array.from({ length: 15 }, (_, i) => wave(5 + i, { size: 9 })),
    ];
    const waves = [...large, ...small];
    const capacity = capacityOf(pool(0, waves));
    expect(planPool(pool(capacity + 1, waves), later)).toEqual({ drain: [] });
    expect(planPool(pool(capacity + 5, waves), later)).toEqual({ drain: ['wave-0', 'wave-1'] });
    expect(planPool(pool(capacity + 5, waves, { room: 0 }), later)).toEqual({ drain: [] });
    const oneLess = waves.map((each) => (each.index === 0 ? { ...each, finished: true } : each));
    expect(planPool(pool(capacity + 5, oneLess), later)).toEqual({ drain: [], create: { index: 20, size: 7 } });
  });

  it('shrinks within a wave when at least half of it is surplus: one long task does not hold the others', () => {
    const idle = { idleSinceMs: later - 30_000 };
    expect(planPool(pool(5, [wave(0, { size: 8 })], idle), later).drain).toEqual([]);
    expect(planPool(pool(4, [wave(0, { size: 8 })], idle), later).drain).toEqual(['wave-0']);
    expect(planPool(pool(1, [wave(0, { size: 8000, ended: 7998 })], idle), later).drain).toEqual(['wave-0']);
    expect(planPool(pool(1, [wave(0, { size: 8000, ended: 7999 })], idle), later).drain).toEqual([]);
  });

  it('grows only into the room that there is', () => {
    expect(planPool(pool(5, [wave(0)], { room: 1 }), later)).toEqual({ drain: [], create: { index: 1, size: 1 } });
    expect(planPool(pool(5, [wave(0)], { room: 0 }), later)).toEqual({ drain: [] });
  });

  it('that others wait for shrinks at once, by a wave of which it needs a part, until enough is gone', () => {
    const waves = [wave(0, { size: 3 }), wave(1, { size: 4 })];
    expect(planPool(pool(5, waves), later).drain).toEqual([]);
    expect(planPool(pool(5, waves, { yields: true }), later).drain).toEqual(['wave-1']);
    expect(planPool(pool(5, [wave(0, { size: 3 }), wave(1, { size: 4, ended: 2 })], { yields: true }), later).drain).toEqual([]);
  });

  it('shrinks after a while by its newest waves, and not below what is wanted', () => {
    const waves = [wave(0), wave(1), wave(2, { size: 1 })];
    expect(planPool(pool(2, waves, { idleSinceMs: later - 29_999 }), later)).toEqual({ drain: [] });
    expect(planPool(pool(2, waves, { idleSinceMs: later - 30_000 }), later)).toEqual({ drain: ['wave-2', 'wave-1'] });
    expect(planPool(pool(0, waves, { idleSinceMs: 0 }), later).drain).toHaveLength(3);
  });

  it('replaces waves of an outdated template, and lets them finish what they hold', () => {
    const plan = planPool(pool(2, [wave(0, { template: 'before' })]), later);
    expect(plan).toEqual({ drain: ['wave-0'], create: { index: 1, size: 2 } });
  });

  it('waits for the end of a back-off', () => {
    const state = pool(2, [wave(0, { finished: true, failed: true })], { backOffUntilMs: later + 1 });
    expect(planPool(state, later)).toEqual({ drain: [] });
    expect(planPool(state, later + 1)).toEqual({ drain: [], create: { index: 1, size: 2 } });
  });

  const waves = fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 50 }),
      ended: fc.integer({ min: 0, max: 50 }),
      finished: fc.boolean(),
      old: fc.boolean(),
    }),
    { maxLength: 25 },
  );
  it('never has more than is wanted by growing, nor less by shrinking; what makes place is less than what comes', () => {
    fc.assert(
      fc.property(waves, fc.integer({ min: 0, max: 200 }), fc.boolean(), (shapes, wanted, idle) => {
        const all = shapes.map(({ size, ended, finished, old }, i) =>
          wave(i, { size, ended: Math.min(ended, size), finished, template: old ? 'before' : 'now' }),
        );
        const state = pool(wanted, all, { idleSinceMs: idle ? 0 : undefined });
        const { create, drain } = planPool(state, later);
        const capacity = capacityOf(state);
        if (create) expect(capacity + create.size).toBe(wanted);
        const drained = drain.flatMap((name) => all.filter((each) => each.name === name && each.template === 'now'));
        const sizes = drained.map((each) => each.size - each.ended);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        // Draining ends when enough workers have ended, so of the last wave only the surplus goes.
        if (capacity >= wanted) expect(capacity - total + (sizes.at(-1) ?? 0) / 2).toBeGreaterThanOrEqual(wanted);
        else expect(total).toBeLessThanOrEqual(wanted - capacity);
        expect(all.some(({ index }) => index === create?.index)).toBe(false);
      }),
    );
  });
});

describe('uselessWaves', () => {
  it.each<[string, readonly Wave[], readonly string[]]>([
    ['none that is of the template', [wave(0), wave(1, { running: 0 })], []],
    ['not those of an earlier one whose workers run: these hear that they should end', [wave(0, { template: 'before' })], []],
    ['those of an earlier one whose pods do not start', [wave(0, { template: 'before', running: 0 }), wave(1)], ['wave-0']],
    ['failed ones that a later one came after', [wave(0, { failed: true, finished: true }), wave(1)], ['wave-0']],
    ['not the last one that failed: its pods say why', [wave(3, { failed: true, finished: true })], []],
    ['not those that ended well', [wave(0, { finished: true, running: 0, template: 'before' }), wave(1)], []],
  ])('are %s', (_, waves, expected) => {
    expect(uselessWaves({ waves, template: 'now' })).toEqual(expected);
  });
});

describe('shareWorkers', () => {
  it('gives every class that has tasks a worker, and nobody more than its tasks', () => {
    expect(shareWorkers({ train: 6, evaluate: 0 }, 4)).toEqual({ train: 4, evaluate: 0 });
    expect(shareWorkers({ train: 1, evaluate: 99 }, 4)).toEqual({ train: 1, evaluate: 3 });
    expect(shareWorkers({ train: 99, evaluate: 1 }, 4)).toEqual({ train: 3, evaluate: 1 });
    expect(shareWorkers({ train: 1, evaluate: 1 }, 8)).toEqual({ train: 1, evaluate: 1 });
    expect(shareWorkers({ train: 5, evaluate: 5 }, 1)).toEqual({ train: 1, evaluate: 0 });
  });

  it('uses all workers when there are tasks for them', () => {
    const count = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(count, count, fc.integer({ min: 1, max: 300 }), (train, evaluate, parallelism) => {
        const shares = shareWorkers({ train, evaluate }, parallelism);
        expect(shares.train + shares.evaluate).toBe(Math.min(parallelism, train + evaluate));
        expect(shares.train <= train && shares.evaluate <= evaluate).toBe(true);
        if (parallelism >= 2 && train > 0 && evaluate > 0) expect(Math.min(shares.train, shares.evaluate)).toBeGreaterThan(0);
      }),
    );
  });
});
