import { randomUUID } from 'node:crypto';
import { digestOf } from '@ncsweep/protocol/canonical';
import type { Task, TaskRecord } from '@ncsweep/protocol/messages';
import { exampleTask } from '@ncsweep/protocol/testing/example-task';
import { connectNats, StreamUnreachableError } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import { JetStreamWorkerStream } from '@ncsweep/protocol/stream/jetstream/worker-stream';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startNats, type NatsServer } from '../harness/nats-server.ts';

let server: NatsServer;
let connection: NatsConnection;
beforeAll(async () => {
  server = await startNats();
  connection = await connectNats({ servers: server.url, name: 'test' });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

const pool = { sweep: 'sweep-uid', taskClass: 'train' } as const;
const never = new AbortController().signal;
const patience = { timeout: 120_000 };
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let install = '';
let hub: OrchestratorStream;
beforeEach(async () => {
  install = `t${randomUUID().slice(0, 8)}`;
  hub = new OrchestratorStream(() => Promise.resolve(connection), install, streamNames(install));
  await hub.ensure();
  await hub.ensurePool(pool, 2_000);
});
const worker = (name: string, wave = 'wave-0') =>
  new JetStreamWorkerStream(connection, streamNames(install), { ...pool, worker: name, wave });
const enqueue = (task: Task): Promise<boolean> => hub.enqueue(pool.sweep, task);

describe('the work queue', () => {
  it('hands each task to one worker, and forgets it when it is acknowledged', async () => {
    const tasks = ['a', 'b', 'c'].map(exampleTask);
    for (const task of tasks) expect(await enqueue(task)).toBe(true);
    const deliveries = await Promise.all([worker('w1').pull(never), worker('w2').pull(never), worker('w3').pull(never)]);
    expect(deliveries.map((d) => d?.task.taskId).sort()).toEqual(tasks.map((t) => t.taskId).sort());
    expect(deliveries[0]?.task).toEqual(tasks.find((t) => t.taskId === deliveries[0]?.task.taskId));
    expect(await hub.depth(pool)).toEqual({ waiting: 0, delivered: 3 });
    for (const delivery of deliveries) await delivery?.ack();
    expect(await hub.depth(pool)).toEqual({ waiting: 0, delivered: 0 });
  });

  it('takes a task once, however often it is put in, also while a worker has it', async () => {
    expect(await enqueue(exampleTask('a'))).toBe(true);
    expect(await enqueue(exampleTask('a'))).toBe(false);
    const delivery = await worker('w1').pull(never);
    expect(await enqueue(exampleTask('a'))).toBe(false);
    await delivery?.ack();
    expect(await enqueue(exampleTask('a'))).toBe(true);
  });

  it('delivers again what a worker gave back or fell silent about', async () => {
    await enqueue(exampleTask('a'));
    const first = await worker('w1').pull(never);
    await first?.nak(10);
    const second = await worker('w2').pull(never);
    expect(second).toMatchObject({ deliveries: 2 });
    const third = await worker('w3').pull(never); // after the ack wait of 2 s
    expect(third).toMatchObject({ deliveries: 3 });
    await third?.ack();
  });

  it('keeps a task with a worker that reports on it', async () => {
    const ackWaitMs = 8_000;
    const patient = { ...pool, sweep: 'patient' };
    await hub.ensurePool(patient, ackWaitMs);
    await hub.enqueue(patient.sweep, exampleTask('a'));
    const as = (name: string): JetStreamWorkerStream =>
      new JetStreamWorkerStream(connection, streamNames(install), { ...patient, worker: name, wave: 'wave-0' });
    const held = await as('w1').pull(never);
    const stop = new AbortController();
    const other = as('w2').pull(stop.signal);
    other.catch(() => undefined);
    // Far more often than needed, so that a process that stood still for seconds is not taken for a silent one.
    for (const until = Date.now() + 1.5 * ackWaitMs; Date.now() < until;) {
      await soon(500);
      await held?.working();
    }
    expect(await hub.depth(patient)).toEqual({ waiting: 0, delivered: 1 });
    stop.abort();
    await held?.ack();
    await expect(other).rejects.toThrow();
  });

  it('drops what is not a task', async () => {
    await connection.request(streamNames(install).taskSubject(pool.sweep, pool.taskClass, digestOf('x')), '{"v":1}');
    await enqueue(exampleTask('a'));
    const delivery = await worker('w1').pull(never);
    expect(delivery?.task.taskId).toBe(exampleTask('a').taskId);
    await delivery?.ack();
    expect(await hub.depth(pool)).toEqual({ waiting: 0, delivered: 0 });
  });

  it('keeps sweeps and classes apart', async () => {
    const other = { sweep: 'other', taskClass: 'evaluate' } as const;
    await hub.ensurePool(other);
    await enqueue(exampleTask('a'));
    await hub.enqueue(other.sweep, { ...exampleTask('b'), class: 'evaluate' });
    const theirs = new JetStreamWorkerStream(connection, streamNames(install), { ...other, worker: 'w', wave: 'x' });
    expect((await theirs.pull(never))?.task.taskId).toBe(exampleTask('b').taskId);
    await hub.forget(pool.sweep);
    await hub.ensurePool(pool);
    expect(await hub.depth(pool)).toEqual({ waiting: 0, delivered: 0 });
    expect(await hub.depth(other)).toEqual({ waiting: 0, delivered: 1 });
  });
});

describe('holds and control', () => {
  it('says who works on what, and forgets it with the task', async () => {
    await enqueue(exampleTask('a'));
    const delivery = await worker('w1').pull(never);
    await expect
      .poll(() => hub.holds(), patience)
      .toMatchObject([{ worker: 'w1', wave: 'wave-0', taskId: delivery?.task.taskId }]);
    await delivery?.ack();
    expect(await hub.holds()).toEqual([]);
  });

  it('drains the workers of one wave only', async () => {
    const [drained, kept] = [worker('w1', 'wave-0').pull(never), worker('w2', 'wave-1').pull(never)];
    await hub.control(pool, { v: 1, drainWaves: ['wave-0'], pause: false });
    expect(await drained).toBeUndefined();
    await enqueue(exampleTask('a'));
    expect((await kept)?.task.taskId).toBe(exampleTask('a').taskId);
  });

  it('hands out nothing while a pool is paused', async () => {
    await hub.control(pool, { v: 1, drainWaves: [], pause: true });
    await enqueue(exampleTask('a'));
    const pulled = worker('w1').pull(never);
    await soon(1500);
    expect(await hub.depth(pool)).toEqual({ waiting: 1, delivered: 0 });
    await hub.control(pool, { v: 1, drainWaves: [], pause: false });
    expect((await pulled)?.task.taskId).toBe(exampleTask('a').taskId);
  });
});

const committed = (cellId: string): StreamEvent => ({
  v: 1,
  kind: 'committed',
  worker: 'w1',
  atMs: 1,
  taskId: digestOf('t'),
  cellId,
  attemptId: 'A',
  computeMs: 5,
});

describe('events and records', () => {
  it('events reach the orchestrator with their sweep', async () => {
    const stop = new AbortController();
    const seen: [string, StreamEvent][] = [];
    const watching = hub.watchEvents(stop.signal, (sweep, event) => seen.push([sweep, event]));
    const manager = await jetstreamManager(connection);
    const isWatched = async (): Promise<number> => (await manager.streams.info(streamNames(install).events)).state.consumer_count;
    await expect.poll(isWatched, patience).toBe(1);
    await worker('w1').event(committed(digestOf('c')));
    await expect.poll(() => seen, patience).toEqual([[pool.sweep, committed(digestOf('c'))]]);
    stop.abort();
    await watching;
  });

  it('records are kept under their attempt', async () => {
    const record: TaskRecord = {
      v: 1,
      kind: 'log',
      seq: 1,
      taskId: digestOf('t'),
      cellId: digestOf('c'),
      attemptId: 'A',
      atMs: 1,
      level: 'info',
      text: 'hello',
    };
    worker('w1').record(record);
    await connection.flush();
    const manager = await jetstreamManager(connection);
    const names = streamNames(install);
    const kept = await manager.streams.getMessage(names.records, {
      last_by_subj: names.recordSubject(pool.sweep, record.taskId, 'A'),
    });
    expect(kept?.json()).toEqual(record);
  });
});

describe('troubles', () => {
  it('set-up may be repeated, and brings an older configuration up to date', async () => {
    const manager = await jetstreamManager(connection);
    const { records } = streamNames(install);
    await manager.streams.update(records, { max_bytes: 1000 });
    await Promise.all([hub.ensure(), hub.ensure()]);
    expect((await manager.streams.info(records)).config.max_bytes).toBe(1 << 30);
  });

  it('a worker waits for a server that lost everything, and works on when the orchestrator has made it again', async () => {
    const pulled = worker('w1').pull(never);
    await soon(200);
    await server.wipe();
    await expect
      .poll(
        () =>
          hub.ensure().then(
            () => true,
            () => false,
          ),
        patience,
      )
      .toBe(true);
    await hub.ensurePool(pool);
    await enqueue(exampleTask('a'));
    expect((await pulled)?.task.taskId).toBe(exampleTask('a').taskId);
  });

  it('keeps acknowledged messages over kill −9', async () => {
    for (const name of ['a', 'b', 'c']) await enqueue(exampleTask(name));
    await server.process.restart();
    await expect.poll(() => hub.depth(pool).catch(() => undefined), patience).toEqual({ waiting: 3, delivered: 0 });
  });

  it('an address where nothing answers is named with its remedy', async () => {
    const failed = connectNats({ servers: 'nats://127.0.0.1:1', name: 'test' }, 0);
    await expect(failed).rejects.toThrow(StreamUnreachableError);
    await expect(failed).rejects.toThrow(/127\.0\.0\.1:1.*check the address/);
    await expect(connectNats({ servers: 'localhost:4222', name: 'test' })).rejects.toThrow(/expected nats:/);
  });
});
