/** The two ends of a worker's stream over the IPC channel of a child process. */
import type { ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { record, task, type TaskRecord } from '../messages.ts';
import type { LocalStream } from './local-stream.ts';
import { type Delivery, streamEvent, type StreamEvent, type WorkerStream } from './stream.ts';

const delivery = { deliveryId: z.int() };

/** From worker to parent. */
const request = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pull') }),
  z.object({ kind: z.literal('working'), ...delivery }),
  z.object({ kind: z.literal('ack'), ...delivery }),
  z.object({ kind: z.literal('nak'), ...delivery, delayMs: z.number().min(0) }),
  z.object({ kind: z.literal('term'), ...delivery, reason: z.string() }),
  z.object({ kind: z.literal('record'), record }),
  z.object({ kind: z.literal('event'), event: streamEvent }),
]);
type Request = z.infer<typeof request>;

/** From parent to worker: the answer to a pull. */
const reply = z.object({
  kind: z.literal('pulled'),
  delivered: z.nullable(z.object({ ...delivery, task, deliveries: z.int() })),
});

/** Serves a worker until its channel closes. @param consumer unique among the workers */
export function serveIpcStream(worker: ChildProcess, consumer: string, stream: LocalStream): void {
  worker.on('message', (message) => {
    const parsed = request.safeParse(message);
    if (parsed.success) handle(parsed.data);
  });

  const handle = (message: Request): void => {
    switch (message.kind) {
      case 'pull':
        void stream.pull(consumer).then((delivered) => {
          if (worker.connected) worker.send({ kind: 'pulled', delivered: delivered ?? null });
        });
        return;
      case 'working':
        stream.working(message.deliveryId);
        return;
      case 'ack':
      case 'term':
        stream.remove(message.deliveryId);
        return;
      case 'nak':
        stream.nak(message.deliveryId, message.delayMs);
        return;
      case 'record':
        stream.record(consumer, message.record);
        return;
      case 'event':
        stream.event(consumer, message.event);
        return;
      default:
        message satisfies never;
    }
  };
}

/** The channel of a forked process to its parent. */
export interface ParentChannel {
  send(message: unknown, sent: (error: Error | null) => void): void;
  onMessage(listener: (message: unknown) => void): void;
}

export class IpcStream implements WorkerStream {
  readonly #channel: ParentChannel;
  #waiting: ((delivered: z.infer<typeof reply>['delivered']) => void) | undefined;

  constructor(channel: ParentChannel) {
    this.#channel = channel;
    channel.onMessage((message) => {
      const parsed = reply.safeParse(message);
      if (parsed.success) this.#waiting?.(parsed.data.delivered);
    });
  }

  async pull(signal: AbortSignal): Promise<Delivery | undefined> {
    signal.throwIfAborted();
    const pulled = new Promise<z.infer<typeof reply>['delivered']>((resolve, reject) => {
      this.#waiting = resolve;
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    await this.#send({ kind: 'pull' });
    const delivered = await pulled;
    if (!delivered) return undefined;
    const { deliveryId, task: pulledTask, deliveries } = delivered;
    return {
      task: pulledTask,
      deliveries,
      working: () => this.#send({ kind: 'working', deliveryId }),
      ack: () => this.#send({ kind: 'ack', deliveryId }),
      nak: (delayMs) => this.#send({ kind: 'nak', deliveryId, delayMs }),
      term: (reason) => this.#send({ kind: 'term', deliveryId, reason }),
    };
  }

  record(each: TaskRecord): void {
    void this.#send({ kind: 'record', record: each });
  }

  event(event: StreamEvent): Promise<void> {
    return this.#send({ kind: 'event', event });
  }

  /** Also resolves when the parent is gone, because the queue is only a hint. */
  #send(message: Request): Promise<void> {
    return new Promise((resolve) => this.#channel.send(message, () => resolve()));
  }
}
