/** A sweep over real NATS, S3 and worker processes, without Kubernetes, while things break. */
import { randomUUID } from 'node:crypto';
import { SweepEngine } from '@ncsweep/orchestrator/engine/queue/sweep-engine';
import { TaskHolders } from '@ncsweep/orchestrator/engine/queue/task-holders';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { connectNats } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Hold } from '../harness/hold.ts';
import { sweepOfSeeds } from '../harness/local-run.ts';
import { startNats, type NatsServer } from '../harness/nats-server.ts';
import { PoolWorkers } from '../harness/pool-workers.ts';
import { startS3, type S3Server } from '../harness/s3-server.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let nats: NatsServer;
let s3: S3Server;
let connection: NatsConnection;
const hold = new Hold();
beforeAll(async () => {
  [nats, s3] = await Promise.all([startNats(), startS3()]);
  connection = await connectNats({ servers: nats.url, name: 'test' });
});
afterAll(async () => {
  hold.remove();
  await connection.close();
  await Promise.all([nats.stop(), s3.stop()]);
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const limitMs = 200_000;

interface Finished {
  readonly plan: Plan;
  readonly store: ObjectStore;
  readonly engine: SweepEngine;
  readonly workers: PoolWorkers;
}

/** Runs a sweep to its end; `trouble` is called once, when some cells are done and the held ones are not. */
async function run(sweep: Sweep, trouble: (workers: PoolWorkers, hub: OrchestratorStream) => Promise<void>): Promise<Finished> {
  const [uid, install] = [randomUUID(), `t${randomUUID().slice(0, 8)}`];
  const location = await s3.bucket(`b-${uid}`);
  const store = await openStore(location, 'write');
  const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
  const hub = new OrchestratorStream(() => Promise.resolve(connection), install, streamNames(install));
  const engine = await SweepEngine.open({ uid, plan, store, queue: hub, holders: new TaskHolders(Date.now), now: Date.now });
  const { environment } = hold;
  const workers = new PoolWorkers({ nats: nats.url, install, sweep: uid, store: location, environment });
  hold.begin();
  const stop = new AbortController();
  let troubled = false;
  let watching = false;
  const until = Date.now() + limitMs;
  try {
    for (let passes = 0; !engine.status().finished || passes === 0; passes++) {
      if (Date.now() > until) throw new Error(`not finished: ${JSON.stringify(engine.status().counts)}\n${workers.errors}`);
      try {
        await hub.ensure();
        for (const taskClass of ['train', 'evaluate'] as const) await hub.ensurePool({ sweep: uid, taskClass }, 3_000);
        if (!watching) {
          watching = true;
          void hub.watchEvents(stop.signal, (_, event) => engine.see(event)).catch(() => (watching = false));
        }
        await engine.pass(4);
        engine.seeRunning(new Set((await hub.holds()).map(({ taskId }) => taskId)));
      } catch {
        engine.forgetQueue();
      }
      if (passes === 0) for (const taskClass of ['train', 'evaluate'] as const) [1, 2].forEach(() => workers.start(taskClass));
      await pause(100);
      if (!troubled && engine.status().counts.done >= 3) {
        troubled = true;
        await trouble(workers, hub);
        hold.release();
        engine.forgetQueue();
      }
    }
    expect(troubled).toBe(true);
    return { plan, store, engine, workers };
  } finally {
    stop.abort();
    await workers.stop();
  }
}

/** Maps each cell to the numbers of its one result. */
async function numbers({ plan, store }: Finished): Promise<ReadonlyMap<string, unknown>> {
  const { done } = await storeState(plan, store);
  return new Map([...done].map(([cellId, { value }]) => [cellId, value.scalars]));
}

const sweep = sweepOfSeeds(stubSeeds.plain, stubSeeds.held, stubSeeds.crashes);

describe('a sweep over NATS and S3', () => {
  let undisturbed: ReadonlyMap<string, unknown>;

  it('runs to its end', async () => {
    const finished = await run(sweep, () => Promise.resolve());
    undisturbed = await numbers(finished);
    expect(undisturbed.size).toBe(finished.plan.cells.size);
    expect(finished.engine.status()).toMatchObject({ finished: true, counts: { waiting: 0, parked: 0, running: 0 } });
  });

  it.each<[string, (workers: PoolWorkers, hub: OrchestratorStream) => Promise<void>]>([
    [
      'kill −9 of workers',
      async (workers) => {
        for (let i = 0; i < 3; i++) {
          workers.kill();
          await pause(300);
        }
      },
    ],
    ['kill −9 of NATS', () => nats.process.restart(500)],
    ['NATS losing all it kept', () => nats.wipe()],
    ['kill −9 of S3', () => s3.process.restart(500)],
  ])('survives %s with the same numbers, nothing lost, nothing twice', async (_, trouble) => {
    const finished = await run(sweep, trouble);
    expect(await numbers(finished)).toEqual(undisturbed);
    const conflicts: string[] = [];
    for await (const { key } of finished.store.list('v1/conflicts/')) conflicts.push(key);
    expect(conflicts).toEqual([]);
  });

  it('parks what cannot be computed and finishes the rest', async () => {
    const finished = await run(sweepOfSeeds(stubSeeds.plain, stubSeeds.diverges), () => Promise.resolve());
    const { counts, parked } = finished.engine.status();
    expect([...parked.values()]).toEqual([expect.stringContaining('nonFiniteLoss')]);
    expect(counts).toMatchObject({ parked: 1, waiting: 0, done: finished.plan.cells.size - 1 - counts.blocked });
  });

  it('a worker that is told to stop gives its task back and exits with 75', async () => {
    let ended: readonly (number | string)[] = [];
    await run(sweep, async (workers) => {
      await workers.stop();
      ended = [...workers.ends];
      for (const taskClass of ['train', 'evaluate'] as const) workers.start(taskClass);
    });
    expect(new Set(ended)).toEqual(new Set([75]));
  });
});
