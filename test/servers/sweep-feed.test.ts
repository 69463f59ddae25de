/** Following a sweep's workers over a real NATS: from now on, with what is lost, and past a server that loses everything. */
import { randomUUID } from 'node:crypto';
import { FollowWorkers } from '@ncsweep/cli/cluster/follow-workers';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import type { TaskRecord } from '@ncsweep/protocol/messages';
import { exampleTask } from '@ncsweep/protocol/testing/example-task';
import { connectNats } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { OrchestratorStream } from '@ncsweep/protocol/stream/jetstream/orchestrator-stream';
import { SweepFeed } from '@ncsweep/protocol/stream/jetstream/sweep-feed';
import { JetStreamWorkerStream } from '@ncsweep/protocol/stream/jetstream/worker-stream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
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

const patience = { timeout: 120_000 };
const sweep = 'sweep-uid';
const [{ taskId }, { taskId: otherTask }] = [exampleTask('a'), exampleTask('b')];
let install = '';
let hub: OrchestratorStream;
let worker: JetStreamWorkerStream;
beforeEach(async () => {
  install = `t${randomUUID().slice(0, 8)}`;
  hub = new OrchestratorStream(() => Promise.resolve(connection), install, streamNames(install));
  await hub.ensure();
  worker = new JetStreamWorkerStream(connection, streamNames(install), {
    sweep,
    taskClass: 'train',
    worker: 'w',
    wave: 'wave-0',
  });
});

const base = (seq: number, attemptId: string, task = taskId) =>
  ({ v: 1, seq, taskId: task, cellId: task, attemptId, worker: `w-${attemptId}`, atMs: 1 }) as const;
const progress = (...at: Parameters<typeof base>): TaskRecord => ({ ...base(...at), kind: 'progress', values: { loss: 1 } });
const say = (...records: readonly TaskRecord[]): Promise<void> => {
  for (const each of records) worker.record(each);
  return connection.flush();
};
const open = (): Promise<SweepFeed> => SweepFeed.open({ servers: server.url, name: 'test' }, install);

interface Followed {
  readonly events: RunEvent[];
  /** "worker seq" of records, or what was lost. */
  readonly told: () => string[];
  readonly end: () => Promise<void>;
}
function follow(): Followed {
  const events: RunEvent[] = [];
  const stop = new AbortController();
  const running = new FollowWorkers((event) => events.push(event)).run(open, sweep, stop.signal);
  const told = (): string[] =>
    events.flatMap((event) => {
      if (event.kind === 'record') return [`${event.worker} ${event.record.seq}`];
      return event.kind === 'records-lost' ? [`${event.count} lost`] : [];
    });
  const end = (): Promise<void> => {
    stop.abort();
    return running;
  };
  return { events, told, end };
}

it('begins with what goes on now, and tells what is lost from then on', async () => {
  await say(progress(1, 'killed'), progress(4, 'over', otherTask), {
    ...base(5, 'over', otherTask),
    kind: 'attempt',
    state: 'parked',
  });
  await say(progress(1, 'now'), progress(7, 'now'));
  const { told, end } = follow();
  await vi.waitFor(() => expect(told()).toEqual(['w-now 7']), patience);
  await say(progress(8, 'now'), progress(12, 'now'), progress(3, 'next', otherTask));
  await vi.waitFor(() => expect(told().length).toBe(6), patience);
  expect(told()).toEqual(['w-now 7', 'w-now 8', '3 lost', 'w-now 12', '2 lost', 'w-next 3']);
  await end();
});

it('misses no record of attempts that speak while it begins', async () => {
  const attempts = Array.from({ length: 20 }, (_, at) => ({ id: `attempt-${at}`, task: exampleTask(`begin-${at}`).taskId }));
  let seq = 0;
  const speaking = setInterval(() => {
    seq += 1;
    for (const { id, task } of attempts) worker.record(progress(seq, id, task));
  }, 1);
  const followers: Followed[] = [];
  for (let begun = 0; begun < 20; begun++) {
    const follower = follow();
    followers.push(follower);
    await vi.waitFor(() => expect(follower.told().length).toBeGreaterThan(attempts.length), patience);
    await follower.end();
  }
  clearInterval(speaking);
  expect(followers.flatMap(({ told }) => told().filter((each) => each.endsWith('lost')))).toEqual([]);
});

it('says once that the server is away, and goes on when it has lost everything', async () => {
  const { events, told, end } = follow();
  await say(progress(1, 'a'));
  await vi.waitFor(() => expect(told()).toEqual(['w-a 1']), patience);
  await server.wipe();
  await vi.waitFor(() => hub.ensure(), patience);
  await vi.waitFor(
    async () => {
      await say(progress(2, 'a'));
      expect(told().length).toBeGreaterThan(1);
    },
    { ...patience, interval: 500 },
  );
  const notes = events.filter(({ kind }) => kind === 'note');
  expect(notes).toEqual([{ kind: 'note', text: expect.stringMatching(/NATS.*only the status is shown/) as string }]);
  await end();
});

it('reads all that there is of an attempt', async () => {
  await say(progress(1, 'a'), progress(1, 'b', otherTask), progress(2, 'a'));
  const feed = await open();
  expect((await feed.recordsOf('a')).map(({ seq }) => seq)).toEqual([1, 2]);
  expect(await feed.recordsOf('none')).toEqual([]);
  await feed.close();
});

it('names the stream and the install when it is another', async () => {
  const feed = await SweepFeed.open({ servers: server.url, name: 'test' }, 'elsewhere');
  await expect(feed.recordsOf('a')).rejects.toThrow(/elsewhere_REC.*install "elsewhere"/);
  await feed.close();
});
