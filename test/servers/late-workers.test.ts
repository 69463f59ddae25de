/** Workers that run twice or too late, and clocks that are wrong: the store decides, and each cell counts once. */
import { fileURLToPath } from 'node:url';
import { decodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { attemptEnd } from '@ncsweep/protocol/result';
import { readResult } from '@ncsweep/protocol/store/committed-result';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { FaultProxy, type Proxied } from '../harness/fault-proxy.ts';
import { Hold } from '../harness/hold.ts';
import { sweepOfSeeds } from '../harness/local-run.ts';
import {
  attemptsOf,
  conflictsIn,
  isFinished,
  numbersOf,
  startPoolServers,
  withSweep,
  type PoolServers,
  type PoolSweep,
} from '../harness/pool-sweep.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let servers: PoolServers;
let proxy: FaultProxy;
beforeAll(async () => {
  servers = await startPoolServers();
  proxy = await FaultProxy.start({ port: servers.s3.process.port });
});
afterAll(async () => {
  await proxy.stop();
  await servers.stop();
});

const sweep = sweepOfSeeds(stubSeeds.plain, stubSeeds.slow);
const soon = { timeout: 120_000, interval: 50 };
const isFirst = <T>(concerns: (value: T) => boolean): ((value: T) => boolean) => {
  let seen = false;
  return (value) => !seen && concerns(value) && (seen = true);
};
const endOf = async ({ store }: PoolSweep, cellId: string, attemptId: string) => {
  const key = keys.end(cellId, attemptId);
  const bytes = await store.get(key);
  return bytes && decodeJson(attemptEnd, bytes, key);
};

/** The numbers of a run in which nothing happens. */
async function undisturbed(of: Sweep): Promise<ReadonlyMap<string, unknown>> {
  let numbers: ReadonlyMap<string, unknown> = new Map();
  await withSweep(servers, of, async (setting) => {
    setting.workers();
    await setting.until(isFinished);
    numbers = await numbersOf(setting);
    expect(numbers.size).toBe(setting.plan.cells.size);
  });
  return numbers;
}

async function expectSame(setting: PoolSweep): Promise<void> {
  expect(await numbersOf(setting)).toEqual(await undisturbed(setting.plan.sweep));
  expect(await conflictsIn(setting.store)).toEqual([]);
  expect(setting.engine.status().counts).toMatchObject({ done: setting.plan.cells.size, parked: 0, blocked: 0 });
}

/** Holds the proxied worker's first request that matches, until it is released. */
function hold(isSo: (request: Proxied) => boolean): { readonly held: Promise<void>; readonly letGo: () => void } {
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  const isFirstSo = isFirst(isSo);
  const held = new Promise<void>((resolve) => {
    proxy.choose = (request) => {
      if (!isFirstSo(request)) return undefined;
      resolve();
      return { kind: 'held', until };
    };
  });
  return { held, letGo };
}

it('tasks that several workers are given at the same time count once', async () => {
  const held = new Hold();
  await withSweep(
    servers,
    sweepOfSeeds(stubSeeds.held),
    async (setting) => {
      held.begin();
      for (let i = 0; i < 2; i++) setting.workers({ environment: held.environment });
      const { cellId } = [...setting.plan.cells.values()].find(({ kind }) => kind === 'snapshot')!;
      const isGivenTwice = async (): Promise<void> => expect((await attemptsOf(setting.store, cellId)).length).toBeGreaterThan(1);
      await vi.waitFor(isGivenTwice, soon);
      held.release();
      await setting.until(isFinished);
      await expectSame(setting);
    },
    { ackWaitMs: 50 },
  ).finally(() => held.remove());
});

it('a worker that stood still while another did its task commits too late, and changes nothing', async () => {
  await withSweep(servers, sweepOfSeeds(stubSeeds.plain), async (setting) => {
    const { location, plan, store, workers, until } = setting;
    const commit = hold(({ method, path }) => method === 'PUT' && path.includes('/v1/results/'));
    const zombie = workers({ environment: { NCSWEEP_STORE: proxy.before(location) }, classes: ['train'] });
    await commit.held;
    zombie.kill('SIGSTOP');
    const { cellId } = [...plan.cells.values()].find(({ kind }) => kind === 'snapshot')!;
    workers();
    await until(isFinished);
    const winner = await readResult(store, cellId);
    commit.letGo();
    zombie.kill('SIGCONT');
    const [late] = await attemptsOf(store, cellId);
    const said = async (): Promise<void> => expect(await endOf(setting, cellId, late!)).toMatchObject({ outcome: 'duplicate' });
    await vi.waitFor(said, soon);
    expect(winner?.result.attemptId).not.toBe(late);
    expect(await readResult(store, cellId)).toEqual(winner);
    await expectSame(setting);
  });
});

it('an attempt whose time is over is refused its commit, and the next one counts', async () => {
  const short = { ...sweepOfSeeds(stubSeeds.plain), execution: { ...sweep.execution, attemptDeadlineMs: 4_000 } };
  await withSweep(servers, short, async (setting) => {
    const { location, plan, store, workers, until } = setting;
    const upload = hold(({ method, path }) => method === 'PUT' && path.includes('/artifacts/'));
    const late = workers({ environment: { NCSWEEP_STORE: proxy.before(location) }, classes: ['train'] });
    await upload.held;
    const { cellId } = [...plan.cells.values()].find(({ kind }) => kind === 'snapshot')!;
    // On a busy machine, earlier attempts may have run out of time before their upload.
    const expired = (await attemptsOf(store, cellId)).at(-1)!;
    late.kill('SIGSTOP');
    const stoodStillMs = Date.now();
    await vi.waitFor(() => expect(Date.now() - stoodStillMs).toBeGreaterThan(short.execution.attemptDeadlineMs + 500), soon);
    upload.letGo();
    late.kill('SIGCONT');
    workers({ classes: ['evaluate'] });
    await until(isFinished);
    expect(await endOf(setting, cellId, expired)).toMatchObject({ outcome: 'failed' });
    const later = (await attemptsOf(store, cellId)).filter((attempt) => attempt > expired);
    expect(later).toContain((await readResult(store, cellId))?.result.attemptId);
    await expectSame(setting);
  });
});

it('clocks that are hours off, of a worker and of the engine, change no number', async () => {
  const hourMs = 3_600_000;
  const skewed = (hours: number) => ({
    NODE_OPTIONS: `--import=${fileURLToPath(new URL('../harness/skewed-clock.ts', import.meta.url))}`,
    NCSWEEP_TEST_CLOCK_SKEW_MS: String(hours * hourMs),
  });
  await withSweep(
    servers,
    sweep,
    async (setting) => {
      const pools = [-7, 3].map((hours) => setting.workers({ environment: skewed(hours) }));
      await setting.until(isFinished);
      for (const { errors, ends } of pools) expect({ errors, ends }).toEqual({ errors: '', ends: [] });
      const [cellId] = setting.plan.cells.keys();
      const { times } = (await readResult(setting.store, cellId!))!.result;
      expect(Math.abs(times.endMs - Date.now()), 'the clock is wrong').toBeGreaterThan(2 * hourMs);
      await expectSame(setting);
    },
    { now: () => Date.now() - 5 * hourMs },
  );
});
