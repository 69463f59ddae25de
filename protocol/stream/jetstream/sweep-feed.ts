/** What the workers of one sweep report, for a person following it. Read-only. */
import { type Consumer, DeliverPolicy, jetstream, type JetStreamClient, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import { record, type TaskRecord } from '../../messages.ts';
import { streamEvent, type StreamEvent } from '../stream.ts';
import { connectNats, StreamUnreachableError, type NatsOptions } from './connect.ts';
import { streamNames, type StreamNames } from './names.ts';

export interface FeedListener {
  /** The latest record of an attempt that is running when the feed begins. */
  began(record: TaskRecord): void;
  /** Each one after that. */
  record(record: TaskRecord): void;
  event(event: StreamEvent): void;
}

const isEnd = (each: TaskRecord): boolean => each.kind === 'attempt' && each.state !== 'started' && each.state !== 'resumed';

/** undefined for what this version does not understand. */
function decoded<T>(message: JsMsg, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(message.json()).data;
  } catch {
    return undefined;
  }
}

export class SweepFeed {
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #names: StreamNames;
  readonly #install: string;

  private constructor(connection: NatsConnection, install: string) {
    this.#connection = connection;
    this.#client = jetstream(connection);
    this.#names = streamNames(install);
    this.#install = install;
  }

  /** @param waitMs for the first connection @throws StreamUnreachableError, InvalidInputError */
  static async open(options: Omit<NatsOptions, 'inbox'>, install: string, waitMs = 0): Promise<SweepFeed> {
    // The feed uses the orchestrator's permissions, so replies must arrive where the orchestrator may read them.
    const inbox = streamNames(install).inbox('orchestrator');
    return new SweepFeed(await connectNats({ ...options, inbox }, waitMs), install);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /**
   * Reports what is running now, then every new record and event. Resolves when `stop` is aborted.
   * @throws StreamUnreachableError when the connection or a stream is lost
   */
  async follow(sweep: string, stop: AbortSignal, listener: FeedListener): Promise<void> {
    const names = this.#names;
    const ended = new AbortController();
    const until = AbortSignal.any([stop, ended.signal]);
    const records = await this.#consumer(names.records, names.recordSubject(sweep, '*', '*'), DeliverPolicy.LastPerSubject);
    const events = await this.#consumer(names.events, names.eventSubject(sweep, '*'), DeliverPolicy.New);
    // Read after the consumer chose each attempt's latest record; a record between the two is delivered, so none is missed.
    const openedAt = await this.#lastSequence(names.records);
    /** By task, because the latest attempt is the one that counts. */
    const latest = new Map<string, TaskRecord>();
    const begin = (): void => {
      for (const each of latest.values()) if (!isEnd(each)) listener.began(each);
      latest.clear();
    };
    const onRecord = (message: JsMsg): void => {
      const each = decoded(message, record);
      const isPast = message.seq <= openedAt;
      if (isPast && each !== undefined) latest.set(each.taskId, each);
      if (!isPast || message.info.pending === 0) begin();
      if (!isPast && each !== undefined) listener.record(each);
    };
    const onEvent = (message: JsMsg): void => {
      const each = decoded(message, streamEvent);
      if (each !== undefined) listener.event(each);
    };
    try {
      await Promise.race([
        this.#consume(names.records, records, until, onRecord),
        this.#consume(names.events, events, until, onEvent),
        this.#disconnected(until),
      ]);
    } finally {
      ended.abort();
    }
  }

  /** All records of an attempt that the server still has, whichever sweep it ran for. @throws StreamUnreachableError */
  async recordsOf(attemptId: string): Promise<TaskRecord[]> {
    const { records } = this.#names;
    return this.#guard(records, async () => {
      const found: TaskRecord[] = [];
      const filter = { filter_subjects: this.#names.recordSubject('*', '*', attemptId), deliver_policy: DeliverPolicy.All };
      const consumer = await this.#client.consumers.get(records, filter);
      if ((await consumer.info(true)).num_pending === 0) return found;
      for await (const message of await consumer.consume({ abort_on_missing_resource: true })) {
        const each = decoded(message, record);
        if (each !== undefined) found.push(each);
        if (message.info.pending === 0) break;
      }
      return found;
    });
  }

  #lastSequence(stream: string): Promise<number> {
    return this.#guard(stream, async () => (await (await this.#client.streams.get(stream)).info()).state.last_seq);
  }

  #consumer(stream: string, filter_subjects: string, deliver_policy: DeliverPolicy): Promise<Consumer> {
    return this.#guard(stream, () => this.#client.consumers.get(stream, { filter_subjects, deliver_policy }));
  }

  async #consume(stream: string, consumer: Consumer, stop: AbortSignal, on: (message: JsMsg) => void): Promise<void> {
    await this.#guard(stream, async () => {
      const messages = await consumer.consume({ abort_on_missing_resource: true });
      const end = (): void => messages.stop();
      if (stop.aborted) end();
      stop.addEventListener('abort', end, { once: true });
      for await (const message of messages) on(message);
    });
  }

  async #disconnected(stop: AbortSignal): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (stop.aborted) return;
      if (type === 'disconnect') throw new StreamUnreachableError('the connection to NATS broke', false);
    }
  }

  async #guard<T>(stream: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `NATS stream ${stream}: ${reason}; is the id of the install "${this.#install}" (--install), and may these credentials read it?`;
      throw new StreamUnreachableError(message, false, { cause });
    }
  }
}
