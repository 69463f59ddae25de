/** Creates and migrates streams and buckets; may run at any time, on any number of orchestrators at once. */
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  jetstreamManager,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { ackWaitMs } from '../stream.ts';
import type { StreamNames } from './names.ts';

const nanos = (ms: number): number => ms * 1_000_000;
const hourMs = 3_600_000;
/** A hold that is not renewed for this long expires. */
export const holdTtlMs = 60_000;

type Config = Partial<StreamConfig> & { readonly name: string };

function streamConfigs(names: StreamNames, install: string, recordBytes: number): readonly Config[] {
  const file = { storage: StorageType.File };
  return [
    {
      ...file,
      name: names.work,
      subjects: [`${install}.work.*.*.*`],
      retention: RetentionPolicy.Workqueue,
      discard: DiscardPolicy.New,
      discard_new_per_subject: true,
      max_msgs_per_subject: 1,
    },
    {
      ...file,
      name: names.records,
      subjects: [`${install}.rec.*.*.*`],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_age: nanos(7 * 24 * hourMs),
      max_bytes: recordBytes,
    },
    {
      ...file,
      name: names.events,
      subjects: [`${install}.evt.*.*`],
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      max_age: nanos(24 * hourMs),
      max_bytes: recordBytes,
    },
  ];
}

/** Creates the stream, or updates its configuration. */
async function ensureStream(manager: JetStreamManager, config: Config): Promise<void> {
  try {
    await manager.streams.add(config);
  } catch (error) {
    // "stream name already in use with a different configuration"
    if (!(error instanceof JetStreamApiError) || error.code !== 10058) throw error;
    await manager.streams.update(config.name, config);
  }
}

/** @param recordBytes limit for the live records, and for the events, on the server's disk */
export async function ensureStreams(
  connection: NatsConnection,
  install: string,
  names: StreamNames,
  recordBytes = 1 << 30,
): Promise<void> {
  const manager = await jetstreamManager(connection);
  for (const config of streamConfigs(names, install, recordBytes)) await ensureStream(manager, config);
  const buckets = new Kvm(connection);
  await buckets.create(names.holds, { ttl: holdTtlMs, history: 1 });
  await buckets.create(names.control, { history: 1 });
}

/** The durable consumer from which all workers of a pool pull. @param waitMs time before a task that nobody reports on is delivered again */
export async function ensurePoolConsumer(
  connection: NatsConnection,
  names: StreamNames,
  { sweep, taskClass }: { sweep: string; taskClass: string },
  waitMs = ackWaitMs,
): Promise<void> {
  const manager = await jetstreamManager(connection);
  await manager.consumers.add(names.work, {
    durable_name: names.consumer(sweep, taskClass),
    filter_subject: names.taskSubject(sweep, taskClass, '*'),
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(waitMs),
    max_deliver: -1,
    max_ack_pending: -1,
  });
}
