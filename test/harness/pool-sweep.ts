/** A sweep over real NATS and S3, without Kubernetes: the engine in the test's process, workers in processes of their own. */
import { randomUUID } from 'node:crypto';
import { SweepEngine } from '@ncsweep/orchestrator/engine/queue/sweep-engine';
import { TaskHolders } from '@ncsweep/orchestrator/engine/queue/task-holders';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { connectNats } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { NatsConnection } from '@nats-io/transport-node';
import { vi } from 'vitest';
import { startNats, type NatsServer } from './nats-server.ts';
import { PoolWorkers } from './pool-workers.ts';
import { startS3, type S3Server } from './s3-server.ts';

export const classes = ['train', 'evaluate'] as const;
type TaskClass = (typeof classes)[number];
const patience = { timeout: 120_000, interval: 200 };

export interface PoolServers {
  readonly nats: NatsServer;
  readonly s3: S3Server;
  readonly connection: NatsConnection;
  stop(): Promise<void>;
}

export async function startPoolServers(): Promise<PoolServers> {
  const [nats, s3] = await Promise.all([startNats(), startS3()]);
  const connection = await connectNats({ servers: nats.url, name: 'test' });
  const stop = async (): Promise<void> => {
    await connection.close();
    await Promise.all([nats.stop(), s3.stop()]);
  };
  return { nats, s3, connection, stop };
}

interface Conditions {
  /** When a task that nobody reports on is delivered again, ms. */
  readonly ackWaitMs?: number;
  /** The engine's clock. */
  readonly now?: () => number;
  /** Where the engine sees the store. @param location where it really is */
  readonly engineStore?: (location: string) => string;
}

interface WorkerOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** One worker of each. */
  readonly classes?: readonly TaskClass[];
}

export interface PoolSweep {
  readonly plan: Plan;
  readonly location: string;
  readonly store: ObjectStore;
  readonly engine: SweepEngine;
  readonly hub: OrchestratorStream;
  /** Events that workers sent. */
  readonly events: readonly StreamEvent[];
  readonly workers: (options?: WorkerOptions) => PoolWorkers;
  /** Runs the engine's passes until it has come this far. */
  readonly until: (isSo: (engine: SweepEngine) => boolean) => Promise<void>;
}

/** The test starts workers; they are killed when its work is over. */
export async function withSweep(
  servers: PoolServers,
  sweep: Sweep,
  work: (setting: PoolSweep) => Promise<void>,
  { ackWaitMs = 3_000, now = Date.now, engineStore = (location) => location }: Conditions = {},
): Promise<void> {
  const [uid, install] = [randomUUID(), `t${randomUUID().slice(0, 8)}`];
  const location = await servers.s3.bucket(`b-${uid}`);
  const store = await openStore(location, 'write');
  const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
  const hub = new OrchestratorStream(() => Promise.resolve(servers.connection), install, streamNames(install));
  await hub.ensure();
  for (const taskClass of classes) await hub.ensurePool({ sweep: uid, taskClass }, ackWaitMs);
  const seen = await openStore(engineStore(location), 'read');
  const engine = await SweepEngine.open({ uid, plan, store: seen, queue: hub, holders: new TaskHolders(now), now });
  const stop = new AbortController();
  const events: StreamEvent[] = [];
  void hub.watchEvents(stop.signal, (_, event) => {
    events.push(event);
    engine.see(event);
  });
  const started: PoolWorkers[] = [];
  const workers: PoolSweep['workers'] = ({ classes: ofClasses = classes, ...options } = {}) => {
    const pool = new PoolWorkers({ nats: servers.nats.url, install, sweep: uid, store: location, ...options });
    started.push(pool);
    for (const taskClass of ofClasses) pool.start(taskClass);
    return pool;
  };
  const until: PoolSweep['until'] = (isSo) =>
    vi.waitFor(async () => {
      await engine.pass(4);
      if (!isSo(engine)) throw new Error(`${JSON.stringify(engine.status())}\n${started.map(({ errors }) => errors).join('')}`);
    }, patience);
  try {
    await engine.pass(4);
    await work({ plan, location, store, engine, hub, events, workers, until });
  } finally {
    stop.abort();
    await Promise.all(started.map((pool) => pool.stop('SIGKILL')));
  }
}

export const isFinished = (engine: SweepEngine): boolean => engine.status().finished;

export async function listed(store: ObjectStore, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found;
}

/** The attempts at a cell that were started, oldest first. */
export async function attemptsOf(store: ObjectStore, cellId: string): Promise<string[]> {
  const starts = (await listed(store, keys.attempts(cellId))).filter((key) => key.endsWith('/start.json'));
  return starts.map((key) => key.split('/').at(-2)!).sort();
}

/** Cell → its one result's numbers: what tables are made of. */
export async function numbersOf({ plan, store }: Pick<PoolSweep, 'plan' | 'store'>): Promise<ReadonlyMap<string, unknown>> {
  const { done } = await storeState(plan, store);
  return new Map([...done].map(([cellId, { value }]) => [cellId, value.scalars]));
}

export const conflictsIn = (store: ObjectStore): Promise<string[]> => listed(store, 'v1/conflicts/');
