import { describe, expect, it } from 'vitest';
import { Election, leaseSeconds, type LeaseRecord, type LeaseStore } from './lease.ts';

/** A lease in memory, a clock that pauses advance, and replicas that can lose the server. */
class World {
  clock = 0;
  readonly log: string[] = [];
  readonly unreachable = new Set<string>();
  record: LeaseRecord | undefined;
  #version = 0;
  readonly #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  storeOf(identity: string): LeaseStore {
    const reach = (): void => {
      if (this.unreachable.has(identity)) throw new Error('unreachable');
    };
    return {
      read: () => {
        reach();
        return Promise.resolve(this.record && { record: this.record, version: String(this.#version) });
      },
      write: (record, version) => {
        reach();
        const expected = this.record === undefined ? undefined : String(this.#version);
        if (version !== expected) return Promise.resolve(false);
        this.record = record;
        this.#version += 1;
        return Promise.resolve(true);
      },
    };
  }

  /** A replica that wins the lease, holds it, and records both. */
  async replica(identity: string, signal: AbortSignal, skewMs = 0): Promise<void> {
    const election = new Election(this.storeOf(identity), {
      identity,
      now: () => this.clock + skewMs,
      pause: (ms, stop) =>
        new Promise((wake) => {
          this.#sleepers.push({ atMs: this.clock + ms, wake });
          stop.addEventListener('abort', () => wake(), { once: true });
        }),
      onError: () => undefined,
    });
    await election.win(signal);
    this.log.push(`${identity} leads at ${this.clock}`);
    await election.hold(signal);
    this.log.push(`${identity} ends at ${this.clock}`);
  }

  /** Lets time pass, sleeper by sleeper. */
  async pass(ms: number): Promise<void> {
    const end = this.clock + ms;
    for (;;) {
      await new Promise(setImmediate);
      const next = this.#sleepers.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > end) break;
      this.#sleepers.shift();
      this.clock = Math.max(this.clock, next.atMs);
      next.wake();
    }
    this.clock = end;
  }
}

describe('Election', () => {
  it('keeps its leader through single renewals that fail', async () => {
    const world = new World();
    const stop = new AbortController();
    const replica = world.replica('a', stop.signal);
    await world.pass(4_500);
    for (let i = 0; i < 2; i++) {
      world.unreachable.add('a');
      await world.pass(1_000);
      world.unreachable.delete('a');
      await world.pass(4_000);
    }
    await world.pass(60_000);
    expect(world.log).toEqual(['a leads at 0']);
    stop.abort();
    await replica;
  });

  it('has one leader, and another only when the first gives up or leaves', async () => {
    const world = new World();
    const [first, second] = [new AbortController(), new AbortController()];
    const a = world.replica('a', first.signal);
    await world.pass(1);
    const b = world.replica('b', second.signal);
    await world.pass(60_000);
    expect(world.log).toEqual(['a leads at 0']);
    first.abort();
    await a;
    await world.pass(3_000);
    expect(world.log.map((line) => line.split(' at ')[0])).toEqual(['a leads', 'a ends', 'b leads']);
    expect(world.record).toMatchObject({ holder: 'b', transitions: 2 });
    second.abort();
    await b;
    expect(world.record?.holder).toBe('');
  });

  it.each([0, 3_600_000, -3_600_000])(
    'a leader that lost the server ends before another begins; clocks apart by %i ms',
    async (skew) => {
      const world = new World();
      const stop = new AbortController();
      const a = world.replica('a', stop.signal);
      await world.pass(1);
      const b = world.replica('b', stop.signal, skew);
      await world.pass(20_000);
      world.unreachable.add('a');
      await world.pass(40_000);
      await a;
      const times = Object.fromEntries(world.log.map((line) => line.split(' at ') as [string, string]));
      expect(Number(times['a ends'])).toBeLessThan(Number(times['b leads']));
      expect(Number(times['b leads']) - 20_000).toBeLessThan(2 * leaseSeconds * 1000);
      stop.abort();
      await b;
    },
  );

  it('one of many wins a race', async () => {
    const world = new World();
    const stop = new AbortController();
    const all = Array.from({ length: 8 }, (_, i) => world.replica(`r${i}`, stop.signal));
    await world.pass(30_000);
    expect(world.log).toHaveLength(1);
    stop.abort();
    await Promise.allSettled(all);
  });
});
