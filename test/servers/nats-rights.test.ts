/** What the users of an install may do in NATS, enforced by a real server with TLS from a private authority. */
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SweepEngine } from '@ncsweep/orchestrator/engine/queue/sweep-engine';
import { TaskHolders } from '@ncsweep/orchestrator/engine/queue/task-holders';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { exampleTask } from '@ncsweep/protocol/testing/example-task';
import { connectNats } from '@ncsweep/protocol/stream/jetstream/connect';
import { inspectStream } from '@ncsweep/protocol/stream/jetstream/inspect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import { natsPermissions } from '@ncsweep/protocol/stream/jetstream/permissions';
import { jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { nkeys, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sweepOfSeeds, temporaryFolder } from '../harness/local-run.ts';
import { makeOperator } from '../harness/nats-operator.ts';
import { PoolWorkers } from '../harness/pool-workers.ts';
import { startSecuredNats, type SecuredNats } from '../harness/secured-nats.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

const names = streamNames('lab');
const { orchestrator, worker } = natsPermissions('lab');
const keyPair = nkeys.createUser();
let nats: SecuredNats;
let folder = '';
const open: NatsConnection[] = [];
beforeAll(async () => {
  folder = await temporaryFolder();
  const users = [
    { user: 'administrator', password: 'third' },
    { user: 'orchestrator', password: 'first', permissions: orchestrator },
    { nkey: keyPair.getPublicKey(), permissions: worker },
  ];
  // The other tenant has an install with the same id, and all rights in its account.
  nats = await startSecuredNats({ accounts: { lab: users, other: [{ user: 'tenant', password: 'second' }] } });
  await writeFile(path.join(folder, 'worker'), keyPair.getSeed(), { mode: 0o600 });
});
afterAll(async () => {
  await Promise.all(open.map((connection) => connection.close()));
  await nats.stop();
  await rm(folder, { recursive: true, force: true });
});

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
async function connection(credentials: Uint8Array, inbox?: string): Promise<NatsConnection> {
  const authority = nats.authority.certificate;
  const made = await connectNats({
    servers: nats.url,
    name: 'test',
    credentials,
    authority,
    ...(inbox !== undefined && { inbox }),
  });
  open.push(made);
  return made;
}
const asOrchestrator = () => connection(encode('orchestrator:first'), names.inbox('orchestrator'));
const asWorker = () => connection(keyPair.getSeed(), names.inbox('worker'));
const asAdministrator = () => connection(encode('administrator:third'));
const asTenant = () => connection(encode('tenant:second\n'));

const pool = { sweep: randomUUID(), taskClass: 'train' } as const;
async function hubOf(connected: NatsConnection): Promise<OrchestratorStream> {
  const hub = new OrchestratorStream(() => Promise.resolve(connected), 'lab', names);
  await hub.ensure();
  return hub;
}

/** Whether a subject, or a pattern of subjects, lies within a pattern. */
const within = (pattern: string) => {
  const escaped = pattern.replace(/[.$]/g, '\\$&').replaceAll('*', '[^.]+').replace(/>$/, '.+');
  return (subject: string): boolean => new RegExp(`^${escaped}$`).test(subject);
};

describe('an orchestrator and workers with no more than their rights', () => {
  it('migrate streams, run a sweep to its end, and use every right', async () => {
    await hubOf(await asAdministrator());
    for (const stream of [names.work, names.records, names.events])
      await (await manager(await asAdministrator())).streams.update(stream, { max_msgs: 1_000_000 });
    const hub = await hubOf(await asOrchestrator());
    await inspectStream(
      { servers: nats.url, name: 'doctor', credentials: encode('orchestrator:first'), authority: nats.authority.certificate },
      'lab',
    );
    const sweep = sweepOfSeeds(stubSeeds.plain, stubSeeds.crashes);
    const [uid, location] = [randomUUID(), path.join(folder, 'store')];
    const store = await openStore(location, 'write');
    const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
    const classes = ['train', 'evaluate'] as const;
    for (const taskClass of classes) await hub.ensurePool({ sweep: uid, taskClass }, 3_000);
    const engine = await SweepEngine.open({ uid, plan, store, queue: hub, holders: new TaskHolders(Date.now), now: Date.now });
    const stop = new AbortController();
    let events = 0;
    void hub.watchEvents(stop.signal, (_, event) => {
      events += 1;
      engine.see(event);
    });
    const environment = { NCSWEEP_NATS_CREDS: path.join(folder, 'worker'), NCSWEEP_NATS_CA: nats.authority.files.authority };
    const workers = new PoolWorkers({ nats: nats.url, install: 'lab', sweep: uid, store: location, environment });
    try {
      for (const taskClass of classes) workers.start(taskClass);
      const held = new Set<string>();
      const finished = async (): Promise<void> => {
        await engine.pass(4);
        for (const { taskId } of await hub.holds()) held.add(taskId);
        expect(engine.status().finished, workers.errors).toBe(true);
      };
      await vi.waitFor(finished, { timeout: 120_000, interval: 50 });
      expect(held.size).toBeGreaterThan(0);
      expect(events).toBeGreaterThan(plan.cells.size);
      await hub.forget(uid);
    } finally {
      stop.abort();
      await workers.stop();
    }
    expect(await nats.refusals()).toEqual([]);
    const used = [...(await nats.used())];
    const listed = [orchestrator, worker].flatMap(({ publish, subscribe }) => [...publish, ...subscribe]);
    // Rights that are needed only after failures, under load, or by other versions of the client.
    const rare = /CONSUMER\.DELETE|JS\.FC|STREAM\.UPDATE\.KV|CONSUMER\.INFO\.lab_EVT/;
    expect(listed.filter((pattern) => !rare.test(pattern) && !used.some(within(pattern)))).toEqual([]);
  });
});

/** The answer to a request, or the message of its error with its causes. */
const outcomeOf = async (action: Promise<unknown>): Promise<string> =>
  action.then(
    (value) => `answered: ${JSON.stringify(value)}`,
    (error: unknown) => (error instanceof Error ? `${error.message}; ${String(error.cause)}` : String(error)),
  );
const manager = (connected: NatsConnection) => jetstreamManager(connected, { checkAPI: false });

describe('a worker', () => {
  it.each<[string, (connected: NatsConnection) => Promise<unknown>]>([
    ['puts no task into the queue', async (c) => jetstream(c).publish(names.taskSubject(pool.sweep, 'train', 'x'), '{}')],
    ['empties no stream', async (c) => (await manager(c)).streams.purge(names.work)],
    ['deletes no stream', async (c) => (await manager(c)).streams.delete(names.records)],
    ['makes no stream', async (c) => (await manager(c)).streams.add({ name: 'x', subjects: ['lab.>'] })],
    ['changes no stream', async (c) => (await manager(c)).streams.update(names.events, { max_bytes: 1 })],
    ['makes no consumer', async (c) => (await manager(c)).consumers.add(names.work, { durable_name: 'x' })],
    ['deletes no consumer', async (c) => (await manager(c)).consumers.delete(names.work, names.consumer(pool.sweep, 'train'))],
    ['deletes no message', async (c) => (await manager(c)).streams.deleteMessage(names.events, 1)],
    ['reads no records', async (c) => (await manager(c)).streams.getMessage(names.records, { seq: 1 })],
    ['tells pools nothing', async (c) => jetstream(c).publish(`$KV.${names.control}.x`, '{}')],
  ])('%s', async (_, attempt) => {
    const hub = await hubOf(await asOrchestrator());
    await hub.ensurePool(pool);
    expect(await outcomeOf(attempt(await asWorker()))).toMatch(/Permission/);
  });

  it.each(['>', 'lab.>', '$JS.API.>', '_INBOX.>', `${names.inbox('orchestrator')}.>`])('does not hear %s', async (subject) => {
    const subscription = (await asWorker()).subscribe(subject, { max: 1 });
    await expect(
      (async () => {
        for await (const _ of subscription) return;
      })(),
    ).rejects.toThrow(/Permission/i);
  });

  it('leads no task to where a request would be obeyed', async () => {
    const hub = await hubOf(await asOrchestrator());
    await hub.ensurePool(pool);
    await hub.enqueue(pool.sweep, exampleTask('led'));
    const connected = await asWorker();
    const next = `$JS.API.CONSUMER.MSG.NEXT.${names.work}.${names.consumer(pool.sweep, 'train')}`;
    connected.publish(next, '{"batch":1}', { reply: `$JS.API.STREAM.PURGE.${names.work}` });
    await connected.flush();
    await vi.waitFor(async () => expect(await hub.depth(pool)).toMatchObject({ waiting: 0 }), 120_000);
    expect(await hub.depth(pool)).toEqual({ waiting: 0, delivered: 1 });
    await hub.forget(pool.sweep);
  });
});

describe('tenants, each with an account', () => {
  it.each([
    ['one', () => asAdministrator(), () => asTenant()],
    ['the other', () => asTenant(), () => asAdministrator()],
  ])('%s sees, changes and reads nothing of the other, whatever its install is called', async (_, us, them) => {
    const [ours, theirs] = [await us(), await them()];
    const [here, there] = [await hubOf(ours), await hubOf(theirs)];
    for (const hub of [here, there]) await hub.ensurePool(pool);
    const heard: string[] = [];
    theirs.subscribe('>', { callback: (_error, { subject }) => void heard.push(subject) });
    await theirs.flush();
    expect(await here.enqueue(pool.sweep, exampleTask('ours'))).toBe(true);
    expect(await there.depth(pool)).toEqual({ waiting: 0, delivered: 0 });
    expect(await there.enqueue(pool.sweep, exampleTask('theirs'))).toBe(true);
    await there.forget(pool.sweep);
    // A stream over our subjects, in their account.
    await (await manager(theirs)).streams.delete(names.work);
    await (await manager(theirs)).streams.add({ name: 'GREEDY', subjects: ['lab.work.>'], retention: RetentionPolicy.Limits });
    await here.enqueue(pool.sweep, exampleTask('ours too'));
    expect(await here.depth(pool)).toEqual({ waiting: 2, delivered: 0 });
    await theirs.flush();
    expect((await (await manager(theirs)).streams.info('GREEDY')).state.messages).toBe(0);
    expect(heard.filter((subject) => subject.endsWith(exampleTask('ours').taskId))).toEqual([]);
    await (await manager(theirs)).streams.delete('GREEDY');
    await here.forget(pool.sweep);
  });
});

describe('credentials', () => {
  it("may be of an operator's, in a .creds file", async () => {
    const { settings, credentials } = makeOperator(orchestrator);
    const server = await startSecuredNats({ operator: settings });
    try {
      const of = (file: string) =>
        connectNats({
          servers: server.url,
          name: 'test',
          authority: server.authority.certificate,
          credentials: encode(file),
          inbox: names.inbox('orchestrator'),
        });
      const connected = await of(credentials);
      const hub = await hubOf(connected);
      await hub.ensurePool(pool);
      expect(await hub.enqueue(pool.sweep, exampleTask('a'))).toBe(true);
      expect(await outcomeOf((await manager(connected)).streams.delete(names.work))).toMatch(/Permission/);
      await connected.close();
      await expect(of(makeOperator(orchestrator).credentials)).rejects.toThrow(/authorization.*check the credentials/i);
    } finally {
      await server.stop();
    }
  });

  it('of another form are refused without a word of them', async () => {
    const refused = connection(encode('my secret'));
    await expect(refused).rejects.toThrow(/expected a \.creds file/);
    await expect(refused).rejects.not.toThrow(/secret/);
  });

  it('do not help where the authority is unknown', async () => {
    const stranger = connectNats({ servers: nats.url, name: 'test', credentials: encode('tenant:second') }, 0);
    await expect(stranger).rejects.toThrow(/certificate/);
  });
});
