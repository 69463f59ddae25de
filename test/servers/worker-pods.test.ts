/** Worker processes as pods run them, on real NATS and S3: where their data comes from, how they stop, what they leave to others. */
import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { SweepEngine } from '@ncsweep/orchestrator/cluster/sweep-engine';
import { TaskClaims } from '@ncsweep/orchestrator/cluster/task-claims';
import { planSweep, type Plan } from '@ncsweep/orchestrator/plan/plan';
import { decodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { attemptEnd } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { datasetDigest } from '@ncsweep/protocol/store/dataset-files';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { failedAttempts } from '@ncsweep/protocol/store/parking';
import { pushDataset } from '@ncsweep/protocol/store/push-dataset';
import { connectNats } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { Sweep } from '@ncsweep/protocol/sweep';
import { writeMnist } from '@ncsweep/worker/data/test-files';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sweepOfSeeds, temporaryFolder } from '../harness/local-run.ts';
import { startNats, type NatsServer } from '../harness/nats-server.ts';
import { PoolWorkers } from '../harness/pool-workers.ts';
import { startS3, type S3Server } from '../harness/s3-server.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';
import { tinySweep } from '../harness/tiny-sweep.ts';

let nats: NatsServer;
let s3: S3Server;
let connection: NatsConnection;
let folder = '';
beforeAll(async () => {
  [nats, s3, folder] = await Promise.all([startNats(), startS3(), temporaryFolder()]);
  connection = await connectNats({ servers: nats.url, name: 'test' });
});
afterAll(async () => {
  await connection.close();
  await Promise.all([nats.stop(), s3.stop(), rm(folder, { recursive: true, force: true })]);
});

const classes = ['train', 'evaluate'] as const;
const patience = { timeout: 120_000, interval: 200 };

interface Setting {
  readonly plan: Plan;
  readonly store: ObjectStore;
  readonly engine: SweepEngine;
  /** What workers said. */
  readonly events: readonly StreamEvent[];
  /** Workers with more environment. */
  readonly workers: (environment?: Readonly<Record<string, string>>, compute?: string) => PoolWorkers;
  /** Lets the engine pass until it has come so far. */
  readonly until: (isSo: (engine: SweepEngine) => boolean) => Promise<void>;
}

/** A sweep whose workers the test starts; they are stopped with it. */
async function withSweep(sweep: Sweep, work: (setting: Setting) => Promise<void>): Promise<void> {
  const [uid, install] = [randomUUID(), `t${randomUUID().slice(0, 8)}`];
  const location = await s3.bucket(`b-${uid}`);
  const store = await openStore(location, 'write');
  const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
  const hub = new OrchestratorStream(() => Promise.resolve(connection), install, streamNames(install));
  await hub.ensure();
  for (const taskClass of classes) await hub.ensurePool({ sweep: uid, taskClass }, 3_000);
  const engine = await SweepEngine.open({ uid, plan, store, queue: hub, claims: new TaskClaims(), now: Date.now });
  const stop = new AbortController();
  const events: StreamEvent[] = [];
  void hub.watchEvents(stop.signal, (_, event) => {
    events.push(event);
    engine.see(event);
  });
  const started: PoolWorkers[] = [];
  const workers: Setting['workers'] = (environment = {}, compute) => {
    const pool = new PoolWorkers({
      nats: nats.url,
      install,
      sweep: uid,
      store: location,
      environment,
      ...(compute && { compute }),
    });
    started.push(pool);
    for (const taskClass of classes) pool.start(taskClass);
    return pool;
  };
  const until: Setting['until'] = (isSo) =>
    vi.waitFor(async () => {
      await engine.pass(4);
      if (!isSo(engine)) throw new Error(`${JSON.stringify(engine.status())}\n${started.map(({ errors }) => errors).join('')}`);
    }, patience);
  try {
    await engine.pass(4);
    await work({ plan, store, engine, events, workers, until });
  } finally {
    stop.abort();
    await Promise.all(started.map((pool) => pool.stop('SIGKILL')));
  }
}

const isFinished = (engine: SweepEngine): boolean => engine.status().finished;
const listed = async (store: ObjectStore, prefix: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
};

describe('a worker of a pool', () => {
  const compute = fileURLToPath(new URL('../../worker/compute.ts', import.meta.url));

  /** A sweep over data that was pushed to its store. */
  async function withData(work: (setting: Setting) => Promise<void>): Promise<void> {
    const images = path.join(folder, 'mnist');
    await writeMnist(images, 40);
    const params = { name: 'mnist' as const, digest: await datasetDigest('mnist', images), classes: [1, 2], trainPerClass: 0 };
    const sweep = { ...tinySweep, datasets: [{ name: 'mnist', params: { ...params, testPerClass: 0 } }] };
    await withSweep(sweep, async (setting) => {
      const push = { name: 'ours', dataset: 'mnist' as const, folder: images, nowMs: Date.now(), shardBytes: 10_000 };
      await pushDataset(setting.store, push);
      await rm(images, { recursive: true });
      await work(setting);
    });
  }

  it('takes its data from the store, verified, and leaves nothing on its disk', async () => {
    await withData(async ({ plan, engine, workers, until }) => {
      const cache = path.join(folder, 'cache');
      const pool = workers({ NCSWEEP_CACHE_FOLDER: cache, NCSWEEP_CACHE_BYTES: '1000000' }, compute);
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
      workers({ NCSWEEP_CACHE_FOLDER: path.join(folder, 'small'), NCSWEEP_CACHE_BYTES: '1000' }, compute);
      await until(isFinished);
      expect([...engine.status().parked.values()][0]).toMatch(/userError: .*keeps 1000\. Remedy: raise worker\.scratch/);
    });
  });

  it('leaves in time with 75 though its compute process hears nothing, and gives its task back', async () => {
    await withSweep(sweepOfSeeds(stubSeeds.deaf), async ({ plan, store, workers }) => {
      const pool = workers({ NCSWEEP_STOP_GRACE_MS: '500' });
      const cells = [...plan.cells.keys()];
      const starts = async (): Promise<string[]> =>
        (await listed(store, keys.cells)).filter((key) => key.endsWith('/start.json') && cells.some((id) => key.includes(id)));
      await vi.waitFor(async () => expect(await starts()).toHaveLength(1), patience);
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
    await withSweep({ ...tinySweep, sources }, async ({ plan, store, engine, workers, until }) => {
      expect((await listed(store, keys.sweeps)).filter((key) => key.includes('/tasks/'))).toHaveLength(1);
      workers();
      await until(isFinished);
      expect(engine.status().counts).toMatchObject({ done: plan.cells.size, parked: 0 });
      expect((await listed(store, keys.sweeps)).filter((key) => key.includes('/tasks/'))).toEqual([]);
    });
  });

  it('leaves what ran out of memory to pods with more of it, and spends no attempt on it', async () => {
    await withSweep(sweepOfSeeds(stubSeeds.needsMemory), async ({ plan, store, engine, events, workers, until }) => {
      const small = workers({ NCSWEEP_MEMORY_STEP: '0' });
      // Once when it ran out of memory, and once when it met the task again and left it.
      await until(() => events.filter(({ kind }) => kind === 'needs-memory').length === 2);
      expect(engine.status().memorySteps.train).toBe(1);
      const { cellId } = [...plan.cells.values()].find(({ kind }) => kind === 'snapshot')!;
      expect(await failedAttempts(store, cellId)).toEqual({ outOfMemory: 1 });
      await small.stop();
      workers({ NCSWEEP_MEMORY_STEP: '1' });
      await until(isFinished);
      expect(engine.status().counts).toMatchObject({ done: plan.cells.size, parked: 0 });
      expect(await failedAttempts(store, cellId)).toEqual({ outOfMemory: 1 });
      expect(engine.status().memorySteps.train).toBe(0);
    });
  });
});
