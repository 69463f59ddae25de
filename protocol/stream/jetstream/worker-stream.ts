/** A worker's end of JetStream. What is lost here costs time, never a result, so nothing throws except an aborted pull. */
import { jetstream, type Consumer, type JetStreamClient, type JsMsg } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { taskMessage, type TaskRecord } from '../../messages.ts';
import type { Delivery, StreamEvent, WorkerStream } from '../stream.ts';
import type { StreamNames } from './names.ts';
import { poolControl, type Hold, type PoolControl } from './pool-control.ts';

const encoder = new TextEncoder();
const encode = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value));

export interface PoolMember {
  readonly sweep: string;
  readonly taskClass: string;
  /** Unique among all workers. */
  readonly worker: string;
  /** The wave of the pool, as control messages name it. */
  readonly wave: string;
}

/** How long one request for a task waits at the server; control messages are read between requests. */
const pullExpiresMs = 3_000;
const retryMs = 1_000;
/** Most records kept while the connection is broken; any more are dropped and counted. */
const maxWaitingRecords = 10_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class JetStreamWorkerStream implements WorkerStream {
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #names: StreamNames;
  readonly #member: PoolMember;
  #consumer: Consumer | undefined;
  #buckets: { readonly holds: KV; readonly control: KV } | undefined;
  #isConnected = true;
  /** Records that wait for the connection. */
  readonly #waitingRecords: TaskRecord[] = [];
  #droppedRecords = 0;

  constructor(connection: NatsConnection, names: StreamNames, member: PoolMember) {
    this.#connection = connection;
    this.#client = jetstream(connection);
    this.#names = names;
    this.#member = member;
    void this.#watchConnection();
  }

  /** Records lost while the connection was broken for long. */
  get droppedRecords(): number {
    return this.#droppedRecords;
  }

  async pull(signal: AbortSignal): Promise<Delivery | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const control = await this.#control();
      if (control?.drainWaves.includes(this.#member.wave)) return undefined;
      const message = control?.pause === true ? undefined : await this.#next();
      const delivery = message && this.#delivery(message);
      if (delivery) return delivery;
      if (!message) await pause(this.#consumer === undefined || control?.pause === true ? retryMs : 0);
    }
  }

  record(each: TaskRecord): void {
    if (this.#isConnected) {
      this.#publish(each);
      return;
    }
    this.#waitingRecords.push(each);
    if (this.#waitingRecords.length <= maxWaitingRecords) return;
    this.#waitingRecords.shift();
    this.#droppedRecords += 1;
  }

  #publish(each: TaskRecord): void {
    if (this.#connection.isClosed()) return;
    this.#connection.publish(this.#names.recordSubject(this.#member.sweep, each.taskId, each.attemptId), encode(each));
  }

  async #watchConnection(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'disconnect') this.#isConnected = false;
      if (type !== 'reconnect') continue;
      this.#isConnected = true;
      for (const each of this.#waitingRecords.splice(0)) this.#publish(each);
    }
  }

  async event(event: StreamEvent): Promise<void> {
    try {
      await this.#client.publish(this.#names.eventSubject(this.#member.sweep, event.kind), encode(event), { timeout: 5_000 });
    } catch {
      // The orchestrator finds out from the store.
    }
  }

  /** undefined when there is no task now, or no server or consumer; the orchestrator recreates the consumer. */
  async #next(): Promise<JsMsg | undefined> {
    try {
      const { sweep, taskClass } = this.#member;
      this.#consumer ??= await this.#client.consumers.get(this.#names.work, this.#names.consumer(sweep, taskClass));
      return (await this.#consumer.next({ expires: pullExpiresMs })) ?? undefined;
    } catch {
      this.#consumer = undefined;
      return undefined;
    }
  }

  /** undefined when there is no control message. */
  async #control(): Promise<PoolControl | undefined> {
    try {
      const { control } = await this.#openBuckets();
      const entry = await control.get(this.#names.pool(this.#member.sweep, this.#member.taskClass));
      return entry ? poolControl.parse(entry.json()) : undefined;
    } catch {
      this.#buckets = undefined;
      return undefined;
    }
  }

  async #openBuckets(): Promise<{ readonly holds: KV; readonly control: KV }> {
    const buckets = new Kvm(this.#connection);
    return (this.#buckets ??= {
      holds: await buckets.open(this.#names.holds),
      control: await buckets.open(this.#names.control),
    });
  }

  async #hold(taskId: string): Promise<void> {
    const { sweep, worker, wave } = this.#member;
    try {
      const { holds } = await this.#openBuckets();
      await holds.put(taskId, encode({ v: 1, sweep, worker, wave, taskId } satisfies Hold));
    } catch {
      this.#buckets = undefined;
    }
  }

  async #release(taskId: string): Promise<void> {
    try {
      await (await this.#openBuckets()).holds.delete(taskId);
    } catch {
      this.#buckets = undefined;
    }
  }

  /** Refuses a message for good if it is not a task of this version. */
  #delivery(message: JsMsg): Delivery | undefined {
    const parsed = taskMessage.safeParse(parseJson(message.data));
    if (!parsed.success) {
      message.term('not a task that this worker understands');
      return undefined;
    }
    const { taskId } = parsed.data;
    void this.#hold(taskId);
    const settle = async (say: () => void): Promise<void> => {
      say();
      await this.#release(taskId);
      await this.#connection.flush().catch(() => undefined);
    };
    return {
      task: parsed.data,
      deliveries: message.info.deliveryCount,
      working: async () => {
        message.working();
        await this.#hold(taskId);
      },
      ack: () => settle(() => message.ack()),
      nak: (delayMs) => settle(() => message.nak(delayMs)),
      term: (reason) => settle(() => message.term(reason)),
    };
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
