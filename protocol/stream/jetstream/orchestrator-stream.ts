/** The orchestrator's end of JetStream: the queue, events, holds and control of every pool. */
import {
  DeliverPolicy,
  jetstream,
  jetstreamManager,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Task, TaskMessage } from '../../messages.ts';
import { SequenceGaps } from '../sequence-gaps.ts';
import { streamEvent, type StreamEvent } from '../stream.ts';
import type { StreamNames } from './names.ts';
import { hold, type Hold, type PoolControl } from './pool-control.ts';
import { ensurePoolConsumer, ensureStreams } from './setup.ts';

const encoder = new TextEncoder();
/** The server's error code when a subject of the work queue already holds a message. */
const alreadyQueued = 10077;

export interface Pool {
  readonly sweep: string;
  readonly taskClass: Task['class'];
}

/** The clients that use a connection. */
interface Link {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
}

export class OrchestratorStream {
  readonly #connect: () => Promise<NatsConnection>;
  #link: Promise<Link> | undefined;
  readonly #install: string;
  readonly #names: StreamNames;

  /** @param connect called on first use, and again while it fails */
  constructor(connect: () => Promise<NatsConnection>, install: string, names: StreamNames) {
    this.#connect = connect;
    this.#install = install;
    this.#names = names;
  }

  async #open(): Promise<Link> {
    this.#link ??= this.#connect().then(async (connection) => {
      return { connection, client: jetstream(connection), manager: await jetstreamManager(connection) };
    });
    try {
      return await this.#link;
    } catch (error) {
      this.#link = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    const link = await this.#link?.catch(() => undefined);
    await link?.connection.close();
  }

  /** Creates what is missing, at start and after NATS has lost its data. @throws StreamUnreachableError */
  async ensure(): Promise<void> {
    const { connection } = await this.#open();
    return ensureStreams(connection, this.#install, this.#names);
  }

  async ensurePool(pool: Pool, ackWaitMs?: number): Promise<void> {
    const { connection } = await this.#open();
    return ensurePoolConsumer(connection, this.#names, pool, ackWaitMs);
  }

  /** @returns false when it is already queued, which serves as well */
  async enqueue(sweep: string, message: TaskMessage): Promise<boolean> {
    const { client } = await this.#open();
    try {
      const subject = this.#names.taskSubject(sweep, message.class, message.taskId);
      await client.publish(subject, encoder.encode(JSON.stringify(message)));
      return true;
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === alreadyQueued) return false;
      throw error;
    }
  }

  /** Tasks of a pool in the queue: waiting, and delivered but not acknowledged. */
  async depth({ sweep, taskClass }: Pool): Promise<{ readonly waiting: number; readonly delivered: number }> {
    const { manager } = await this.#open();
    const info = await manager.consumers.info(this.#names.work, this.#names.consumer(sweep, taskClass));
    return { waiting: info.num_pending, delivered: info.num_ack_pending };
  }

  /** Tasks that a worker has now. */
  async holds(): Promise<readonly Hold[]> {
    const { connection } = await this.#open();
    const bucket = await new Kvm(connection).open(this.#names.holds);
    const found: Hold[] = [];
    for await (const key of await bucket.keys()) {
      const entry = await bucket.get(key);
      const parsed = entry ? hold.safeParse(entry.json()) : undefined;
      if (parsed?.success) found.push(parsed.data);
    }
    return found;
  }

  async control({ sweep, taskClass }: Pool, control: PoolControl): Promise<void> {
    const { connection } = await this.#open();
    const bucket = await new Kvm(connection).open(this.#names.control);
    await bucket.put(this.#names.pool(sweep, taskClass), JSON.stringify(control));
  }

  /** Removes a sweep's tasks from the queue, and its consumers. */
  async forget(sweep: string): Promise<void> {
    const { manager, connection } = await this.#open();
    await manager.streams.purge(this.#names.work, { filter: this.#names.taskSubject(sweep, '*', '*') });
    const bucket = await new Kvm(connection).open(this.#names.control);
    for (const taskClass of ['train', 'evaluate']) {
      await manager.consumers.delete(this.#names.work, this.#names.consumer(sweep, taskClass)).catch(() => false);
      await bucket.purge(this.#names.pool(sweep, taskClass));
    }
  }

  /**
   * Events from now on, until `stop` is aborted. @throws when the stream was lost: ensure it, then watch again
   * @param onLost called with the number of events that the server dropped before they arrived
   */
  async watchEvents(
    stop: AbortSignal,
    on: (sweep: string, event: StreamEvent) => void,
    onLost: (count: number) => void = () => undefined,
  ): Promise<void> {
    const { client } = await this.#open();
    const consumer = await client.consumers.get(this.#names.events, { deliver_policy: DeliverPolicy.New });
    const messages = await consumer.consume({ abort_on_missing_resource: true });
    stop.addEventListener('abort', () => messages.stop(), { once: true });
    const gaps = new SequenceGaps();
    for await (const message of messages) {
      const lost = gaps.see(this.#names.events, message.seq);
      if (lost > 0) onLost(lost);
      const parsed = streamEvent.safeParse(message.json());
      const sweep = message.subject.split('.')[2] ?? '';
      if (parsed.success) on(sweep, parsed.data);
    }
  }
}
