/** The store behind a proxy that acts like bad networks and busy services: nothing is lost, and nothing is counted twice. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadSweep } from 'ncsweep';
import { StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import { storeAt } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep, resultsCsv, writeTinySweep } from '../harness/cli-run.ts';
import { FaultProxy, first, seeded, type Choose, type Fault, type Proxied } from '../harness/fault-proxy.ts';
import { sweepOfSeeds } from '../harness/local-run.ts';
import { conflictsIn, isFinished, numbersOf, startPoolServers, withSweep, type PoolServers } from '../harness/pool-sweep.ts';
import { backendCompute, stubSeeds } from '../harness/stub-seeds.ts';

let servers: PoolServers;
let proxy: FaultProxy;
let folder = '';
beforeAll(async () => {
  servers = await startPoolServers();
  proxy = await FaultProxy.start({ port: servers.s3.process.port });
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-s3-faults-'));
});
afterAll(async () => {
  await proxy.stop();
  await servers.stop();
  await rm(folder, { recursive: true, force: true });
});

const slowDown: Fault = {
  kind: 'refused',
  status: 503,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
};
const broken: Fault = { ...slowDown, status: 500, body: slowDown.body.replace('SlowDown', 'InternalError') };
const all = (): boolean => true;
const isCommit = ({ method, path: asked }: Proxied): boolean => method === 'PUT' && asked.includes('/v1/results/');
const isWrite = ({ method }: Proxied): boolean => method === 'PUT';
const isRead = ({ method, path: asked }: Proxied): boolean => method === 'GET' && !asked.includes('list-type');
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Disturbs the requests made meanwhile. @returns how many it disturbed */
async function disturbed(kind: Fault['kind'], choose: Choose, work: () => Promise<void>): Promise<number> {
  const before = proxy.met.get(kind) ?? 0;
  proxy.choose = choose;
  try {
    await work();
  } finally {
    proxy.choose = () => undefined;
  }
  return (proxy.met.get(kind) ?? 0) - before;
}

describe('one operation', () => {
  const store = async () => storeAt(proxy.before(await servers.s3.bucket('one')));

  it('that puts where nothing is wins, though the answer was lost and the repetition meets itself', async () => {
    const s3 = await store();
    const met = await disturbed('lost-answer', first(1, { kind: 'lost-answer' }, isWrite), async () => {
      expect(await s3.putIfAbsent('v1/a', bytes('ours'))).toBe(true);
    });
    expect(met).toBe(1);
    await s3.put('v1/b', bytes('theirs'));
    await disturbed('lost-answer', first(1, { kind: 'lost-answer' }, isWrite), async () => {
      expect(await s3.putIfAbsent('v1/b', bytes('ours'))).toBe(false);
    });
  });

  it('that reads never gives a part for the whole', async () => {
    const s3 = await store();
    await s3.put('v1/long', bytes('x'.repeat(100_000)));
    await disturbed('truncated', first(1, { kind: 'truncated' }, isRead), async () => {
      const error = await s3.get('v1/long').then(
        (value) => expect(value).toHaveLength(100_000),
        (thrown: unknown) => thrown,
      );
      if (error !== undefined) expect(error).toMatchObject({ name: 'StoreUnavailableError', isTransient: true });
    });
    expect(await s3.get('v1/long')).toHaveLength(100_000);
  });

  it('that is refused again and again ends, and says whether waiting helps', async () => {
    const s3 = await store();
    await disturbed(
      'refused',
      () => broken,
      async () => {
        const refused = s3.get('v1/a');
        await expect(refused).rejects.toThrow(StoreUnavailableError);
        await expect(refused).rejects.toMatchObject({ isTransient: true });
      },
    );
    const missing = await storeAt(proxy.before(await servers.s3.bucket('one')).replace('one', 'no-such-bucket'));
    await expect(missing.get('v1/a')).rejects.toMatchObject({ isTransient: false });
  });
});

describe('a sweep', () => {
  const sweep = sweepOfSeeds(stubSeeds.plain, 7, 8);
  let undisturbed: ReadonlyMap<string, unknown>;
  beforeAll(() =>
    withSweep(servers, sweep, async (setting) => {
      setting.workers();
      await setting.until(isFinished);
      undisturbed = await numbersOf(setting);
      expect(undisturbed.size).toBe(setting.plan.cells.size);
    }),
  );

  it.each<[string, Fault['kind'], () => Choose]>([
    ['is too busy at times', 'refused', () => seeded(1, [[slowDown, 0.06]], all)],
    ['breaks connections', 'reset', () => seeded(2, [[{ kind: 'reset' }, 0.2]], all)],
    ['loses the answer to every first commit', 'lost-answer', () => oncePerKey({ kind: 'lost-answer' }, isCommit)],
    ['loses answers to writes', 'lost-answer', () => seeded(3, [[{ kind: 'lost-answer' }, 0.3]], isWrite)],
    ['breaks off what is read', 'truncated', () => seeded(4, [[{ kind: 'truncated' }, 0.2]], isRead)],
    ['stops answering on a connection', 'hung', () => first(1, { kind: 'hung' }, isCommit)],
  ])('whose store %s ends with the same numbers', async (_, kind, choose) => {
    await withSweep(
      servers,
      sweep,
      async ({ plan, location, store, engine, workers, until }) => {
        const met = await disturbed(kind, choose(), async () => {
          const pool = workers({ environment: { NCSWEEP_STORE: proxy.before(location) } });
          await until(isFinished);
          // No worker gave up: in a cluster that would end the Job.
          expect(pool.ends, pool.errors).toEqual([]);
        });
        expect(met).toBeGreaterThan(kind === 'hung' ? 0 : 2);
        expect(await numbersOf({ plan, store })).toEqual(undisturbed);
        expect(engine.status().counts).toMatchObject({ done: plan.cells.size, parked: 0 });
        expect(await conflictsIn(store)).toEqual([]);
      },
      { engineStore: (location) => proxy.before(location) },
    );
  });

  it('whose store is away for longer than a request is repeated waits for it, says so, and ends with the same numbers', async () => {
    await withSweep(servers, sweep, async ({ plan, location, store, workers, until }) => {
      let waits = (): boolean => true;
      await disturbed(
        'refused',
        () => (waits() ? slowDown : undefined),
        async () => {
          const pool = workers({ environment: { NCSWEEP_STORE: proxy.before(location) } });
          waits = () => !pool.errors.includes('waiting: store');
          await until(isFinished);
          expect(pool.ends).toEqual([]);
        },
      );
      expect(await numbersOf({ plan, store })).toEqual(undisturbed);
    });
  });

  it('with real numerics, under all of it at once, ends with the same table', async () => {
    const file = await writeTinySweep(folder);
    const here = path.join(folder, 'here');
    const local = await ncsweep(['run', file, '--store', path.join(folder, 'store'), '--out', here]);
    expect(local.exitCode, local.stderr).toBe(0);
    const faults = [
      [slowDown, 0.02],
      [{ kind: 'reset' }, 0.04],
      [{ kind: 'lost-answer' }, 0.06],
      [{ kind: 'truncated' }, 0.04],
    ] as const;
    await withSweep(servers, await loadSweep(file, { store: folder }), async ({ location, store, workers, until }) => {
      await disturbed('lost-answer', seeded(5, faults, all), async () => {
        workers({ environment: { NCSWEEP_STORE: proxy.before(location), ...backendCompute } });
        await until(isFinished);
      });
      const there = path.join(folder, 'there');
      const args = ['run', file, '--store', location, '--out', there, '--json'];
      const { exitCode, stdout, stderr } = await ncsweep(args);
      expect(exitCode, stderr).toBe(0);
      expect(stdout).not.toContain('"kind":"committed"');
      expect(await resultsCsv(there)).toBe(await resultsCsv(here));
      expect(await conflictsIn(store)).toEqual([]);
    });
  });
});

/** Disturbs the first request of each path that it concerns. */
function oncePerKey(fault: Fault, concerns: (request: Proxied) => boolean): Choose {
  const seen = new Set<string>();
  return (request) => {
    if (!concerns(request) || seen.has(request.path)) return undefined;
    seen.add(request.path);
    return fault;
  };
}
