import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedQueue } from './keyed-queue.ts';
import { settle, TestClock } from '../../testing/test-clock.ts';

interface Run {
  readonly key: string;
  readonly beganMs: number;
  readonly signal: AbortSignal;
  readonly done: (againMs: number) => void;
  readonly fail: () => void;
}

/** A queue whose runs end when the test tells them to. */
function bench(workers = 2, budgetMs = 10_000) {
  const clock = new TestClock();
  const active: Run[] = [];
  const begun: { readonly key: string; readonly atMs: number }[] = [];
  /** Keys that started again while they were running. */
  const twice: string[] = [];
  let most = 0;
  const queue = new KeyedQueue({
    workers,
    budgetMs,
    clock,
    random: () => 1,
    onError: () => undefined,
    work: (key, signal) => {
      if (active.some((run) => run.key === key)) twice.push(key);
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const end = (act: () => void) => (): void => {
        active.splice(active.indexOf(run), 1);
        act();
      };
      const run: Run = {
        key,
        signal,
        beganMs: clock.now(),
        done: (againMs) => end(() => resolve(againMs))(),
        fail: end(() => reject(new Error('no'))),
      };
      active.push(run);
      begun.push({ key, atMs: clock.now() });
      most = Math.max(most, active.length);
      return promise;
    },
  });
  const timesOf = (key: string): number[] => begun.filter((each) => each.key === key).map(({ atMs }) => atMs);
  const finish = async (key: string, againMs = Infinity): Promise<void> => {
    active.find((run) => run.key === key)!.done(againMs);
    await settle();
  };
  const fail = async (key: string): Promise<void> => {
    active.find((run) => run.key === key)!.fail();
    await settle();
  };
  return { queue, clock, active, begun, timesOf, finish, fail, twice, most: () => most };
}

type Step =
  | { readonly kind: 'add' | 'hurry' | 'remove'; readonly key: string }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'done' | 'fail'; readonly which: number };

const key = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('add', 'hurry', 'remove'), key }),
  fc.record({ kind: fc.constant<'advance'>('advance'), ms: fc.integer({ min: 0, max: 5_000 }) }),
  fc.record({ kind: fc.constantFrom('done', 'fail'), which: fc.nat(10) }),
);

describe('a queue of keys', () => {
  it('runs no key twice at once, never more than its workers, and loses nothing, whatever happens in which order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 }), fc.array(step, { maxLength: 60 }), async (workers, steps) => {
        const { queue, clock, active, begun, twice, most } = bench(workers);
        /** Keys to which something happened that no later run has seen. */
        const owed = new Set<string>();
        for (const each of steps) {
          const seen = begun.length;
          switch (each.kind) {
            case 'advance':
              await clock.advance(each.ms);
              break;
            case 'remove':
              queue.remove(each.key);
              owed.delete(each.key);
              break;
            case 'add':
            case 'hurry':
              owed.add(each.key);
              queue[each.kind](each.key);
              break;
            case 'fail':
              active[each.which % active.length]?.fail();
              await settle();
              break;
            case 'done':
              active[each.which % active.length]?.done(Infinity);
              await settle();
              break;
            default:
              each satisfies never;
          }
          for (const { key: started } of begun.slice(seen)) owed.delete(started);
          expect(most()).toBeLessThanOrEqual(workers);
          expect(twice).toEqual([]);
        }
        const before = begun.length;
        // Everything succeeds from now on.
        for (let i = 0; i < 20; i += 1) {
          while (active.length > 0) {
            active[0]!.done(Infinity);
            await settle();
          }
          await clock.advance(60_000);
        }
        const after = new Set(begun.slice(before).map((each) => each.key));
        for (const lost of owed) expect(after, `${lost} was lost`).toContain(lost);
        await queue.stop();
      }),
      { numRuns: 300 },
    );
  });

  it('runs a key at once, and again when it asks for it', async () => {
    const { queue, clock, timesOf, finish } = bench();
    queue.add('a');
    await finish('a', 700);
    await clock.advance(2_000);
    expect(timesOf('a')).toEqual([0, 700]);
  });

  it('rests a tenth of a second at least after a run, four times its length after a long one, a second at most', async () => {
    for (const [runMs, restMs] of [
      [0, 100],
      [200, 800],
      [5_000, 1_000],
    ] as const) {
      const { queue, clock, timesOf, finish } = bench();
      queue.add('a');
      await clock.advance(runMs);
      queue.add('a');
      await finish('a');
      await clock.advance(5_000);
      expect(timesOf('a')).toEqual([0, runMs + restMs]);
    }
  });

  it('waits longer after each failure, whatever happens meanwhile, and no longer once one succeeded or a person hurries it', async () => {
    const { queue, clock, timesOf, fail, finish } = bench();
    queue.add('a');
    for (const backOffMs of [1_000, 2_000, 4_000]) {
      await fail('a');
      queue.add('a');
      await clock.advance(backOffMs);
    }
    expect(timesOf('a')).toEqual([0, 1_000, 3_000, 7_000]);
    await fail('a');
    queue.hurry('a');
    await clock.advance(0);
    expect(timesOf('a').at(-1)).toBe(7_000);
    await finish('a', 0);
    await clock.advance(100);
    await fail('a');
    await clock.advance(1_000);
    expect(timesOf('a').slice(-2)).toEqual([7_100, 8_100]);
  });

  it('lets a key that fails hold nobody up', async () => {
    const { queue, clock, timesOf, fail, finish } = bench(1);
    queue.add('bad');
    queue.add('good');
    await fail('bad');
    for (let i = 0; i < 5; i += 1) {
      await finish('good', 0);
      await clock.advance(100);
    }
    expect(timesOf('good').length).toBeGreaterThan(4);
  });

  it('takes the key that is due the longest', async () => {
    const { queue, begun, finish } = bench(1);
    for (const each of ['a', 'b', 'c']) queue.add(each);
    await finish('a', 0);
    await finish('b', 0);
    expect(begun.map((each) => each.key)).toEqual(['a', 'b', 'c']);
  });

  it('counts the keys that have waited for others for long', async () => {
    const { queue, clock } = bench(1, 60_000);
    for (const each of ['a', 'b', 'c']) queue.add(each);
    expect(queue.overdue).toBe(0);
    await clock.advance(5_000);
    expect(queue.overdue).toBe(2);
  });

  it('tells a run that takes longer than its budget to end', async () => {
    const { queue, clock, active } = bench(1, 3_000);
    queue.add('a');
    await clock.advance(2_999);
    expect(active[0]!.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(active[0]!.signal.aborted).toBe(true);
  });

  it('runs a key that was removed and added again during a run once that run is over', async () => {
    const { queue, timesOf, finish, clock } = bench();
    queue.add('a');
    queue.remove('a');
    queue.add('a');
    await clock.advance(500);
    expect(timesOf('a')).toEqual([0]);
    await finish('a');
    await clock.advance(1_000);
    expect(timesOf('a').length).toBe(2);
  });

  it('starts nothing after it was stopped, tells what runs to end, and waits for it', async () => {
    const { queue, clock, active, begun, finish } = bench(1);
    queue.add('a');
    queue.add('b');
    const { signal } = active[0]!;
    let isOver = false;
    const stopped = queue.stop().then(() => (isOver = true));
    await clock.advance(5_000);
    expect(isOver).toBe(false);
    expect(signal.aborted).toBe(true);
    await finish('a', 0);
    await stopped;
    await clock.advance(5_000);
    expect(begun.length).toBe(1);
  });
});
