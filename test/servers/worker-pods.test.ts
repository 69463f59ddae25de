/** Worker processes as pods run them, on real NATS and S3: where their data comes from, how they stop, what they leave to others. */
import { expectedFiles } from '@ncsweep/catalog/datasets';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { decodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { attemptEnd } from '@ncsweep/protocol/result';
import { datasetDigest } from '@ncsweep/protocol/store/dataset-files';
import { failedAttempts } from '@ncsweep/protocol/store/parking';
import { pushDataset } from '@ncsweep/protocol/store/push-dataset';
import { writeMnist } from '@ncsweep/worker/testing/data-files';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sweepOfSeeds, temporaryFolder } from '../harness/local-run.ts';
import {
  classes,
  isFinished,
  listed,
  startPoolServers,
  withSweep,
  type PoolServers,
  type PoolSweep,
} from '../harness/pool-sweep.ts';
import { backendCompute, stubSeeds } from '../harness/stub-seeds.ts';
import { tinySweep } from '../harness/tiny-sweep.ts';

let servers: PoolServers;
let folder = '';
beforeAll(async () => {
  [servers, folder] = await Promise.all([startPoolServers(), temporaryFolder()]);
});
afterAll(async () => {
  await Promise.all([servers.stop(), rm(folder, { recursive: true, force: true })]);
});

describe('a worker of a pool', () => {
  /** A sweep over data that was pushed to its store. */
  async function withData(work: (setting: PoolSweep) => Promise<void>): Promise<void> {
    const images = path.join(folder, 'mnist');
    await writeMnist(images, 40);
    const params = {
      name: 'mnist' as const,
      digest: await datasetDigest(expectedFiles('mnist'), images),
      classes: [1, 2],
      trainPerClass: 0,
    };
    const sweep = { ...tinySweep, datasets: [{ name: 'mnist', params: { ...params, testPerClass: 0 } }] };
    await withSweep(servers, sweep, async (setting) => {
      const push = {
        name: 'ours',
        dataset: 'mnist',
        expected: expectedFiles('mnist'),
        folder: images,
        nowMs: Date.now(),
        shardBytes: 10_000,
      };
      await pushDataset(setting.store, push);
      await rm(images, { recursive: true });
      await work(setting);
    });
  }

  it('takes its data from the store, verified, and leaves nothing on its disk', async () => {
    await withData(async ({ plan, engine, workers, until }) => {
      const cache = path.join(folder, 'cache');
      const pool = workers({ environment: { NCSWEEP_CACHE_FOLDER: cache, NCSWEEP_CACHE_BYTES: '1000000', ...backendCompute } });
      await until(isFinished);
      expect(engine.status().counts).toMatchObject({ done: plan.cells.size, parked: 0 });
      const images = (await readdir(cache, { recursive: true })).filter((name) => name.endsWith('train-images-idx3-ubyte'));
      expect(images).toHaveLength(classes.length);
      await pool.stop();
      expect(new Set(pool.ends)).toEqual(new Set([75]));
      expect(await readdir(cache)).toEqual([]);
    });
  });

  it('says what to do about data that is larger than its cache', async () => {
    await withData(async ({ engine, workers, until }) => {
      const small = { NCSWEEP_CACHE_FOLDER: path.join(folder, 'small'), NCSWEEP_CACHE_BYTES: '1000' };
      workers({ environment: { ...small, ...backendCompute } });
      await until(isFinished);
      expect([...engine.status().parked.values()][0]).toMatch(/userError: .*keeps at most 1000\. Remedy: raise worker\.scratch/);
    });
  });

  it('leaves in time with 75 though its compute process hears nothing, and gives its task back', async () => {
    await withSweep(servers, sweepOfSeeds(stubSeeds.deaf), async ({ plan, store, workers }) => {
      const pool = workers({ environment: { NCSWEEP_STOP_GRACE_MS: '500' } });
      const cells = [...plan.cells.keys()];
      const starts = async (): Promise<string[]> =>
        (await listed(store, keys.cells)).filter((key) => key.endsWith('/start.json') && cells.some((id) => key.includes(id)));
      await vi.waitFor(async () => expect(await starts()).toHaveLength(1), { timeout: 120_000, interval: 100 });
      await pool.stop();
      expect(new Set(pool.ends)).toEqual(new Set([75]));
      const end = (await starts())[0]!.replace('start.json', 'end.json');
      expect(decodeJson(attemptEnd, (await store.get(end))!, end)).toMatchObject({ outcome: 'given-back', class: 'disruption' });
    });
  });

  it('runs tasks that no message holds, of which nothing is left in the end', async () => {
    const sources = Object.fromEntries(
      Array.from({ length: 12_000 }, (_, i) => [String(i).padStart(64, '0'), '/a/path/of/some/length']),
    );
    await withSweep(servers, { ...tinySweep, sources }, async ({ plan, store, engine, workers, until }) => {
      expect((await listed(store, keys.sweeps)).filter((key) => key.includes('/tasks/'))).toHaveLength(1);
      workers();
      await until(isFinished);
      expect(engine.status().counts).toMatchObject({ done: plan.cells.size, parked: 0 });
      expect((await listed(store, keys.sweeps)).filter((key) => key.includes('/tasks/'))).toEqual([]);
    });
  });

  it('leaves what ran out of memory to pods with more of it, and spends no attempt on it', async () => {
    await withSweep(servers, sweepOfSeeds(stubSeeds.needsMemory), async ({ plan, store, engine, events, workers, until }) => {
      const small = workers({ environment: { NCSWEEP_MEMORY_STEP: '0' } });
      // Once when it ran out of memory, and once when it received the task again and left it.
      await until(() => events.filter(({ kind }) => kind === 'needs-memory').length === 2);
      expect(engine.status().memorySteps.train).toBe(1);
      const { cellId } = [...plan.cells.values()].find(({ kind }) => kind === 'snapshot')!;
      expect(await failedAttempts(store, cellId)).toEqual({ outOfMemory: 1 });
      await small.stop();
      workers({ environment: { NCSWEEP_MEMORY_STEP: '1' } });
      await until(isFinished);
      expect(engine.status().counts).toMatchObject({ done: plan.cells.size, parked: 0 });
      expect(await failedAttempts(store, cellId)).toEqual({ outOfMemory: 1 });
      expect(engine.status().memorySteps.train).toBe(0);
    });
  });
});
