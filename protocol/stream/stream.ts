/**
 * The stream port: what a worker needs from the work queue, the live records and the events (docs/contracts.md "Streams"). Everything in
 * it is a hint; the store holds the truth, so a lost message costs time but never a result.
 */
import { z } from 'zod';
import type { TaskMessage, TaskRecord } from '../messages.ts';
import { failureClass } from '../result.ts';

/** A task without an ack, a nak or a `working` report for this long is delivered again, ms. */
export const ackWaitMs = 60_000;
/** How often a worker reports `working`, ms. */
export const heartbeatMs = 15_000;

export interface Delivery {
  /** The task, or a reference to it in the store. */
  readonly task: TaskMessage;
  /** 1 on the first delivery. */
  readonly deliveries: number;
  /** Restarts the ack wait. */
  working(): Promise<void>;
  /** The task is settled and leaves the queue. */
  ack(): Promise<void>;
  /** The task is given back and delivered again after `delayMs`. */
  nak(delayMs: number): Promise<void>;
  /** The task leaves the queue unsettled. */
  term(reason: string): Promise<void>;
}

const base = { v: z.literal(1), worker: z.string(), atMs: z.int() };
const cell = { taskId: z.string(), cellId: z.string(), attemptId: z.string() };

export const streamEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('committed'), ...base, ...cell, computeMs: z.number() }),
  z.object({
    kind: z.literal('attempt-ended'),
    ...base,
    ...cell,
    /** `stuck`: retrying in this run is useless until the store is repaired. */
    outcome: z.enum(['given-back', 'retry', 'parked', 'stuck']),
    class: failureClass,
    message: z.string(),
  }),
  /** The task ran out of memory so often that only pods whose memory grew `step` times will take it. */
  z.object({ kind: z.literal('needs-memory'), ...base, taskId: z.string(), cellId: z.string(), step: z.int().min(1) }),
  z.object({ kind: z.literal('worker-up'), ...base, pid: z.int(), backend: z.string(), device: z.string() }),
  z.object({ kind: z.literal('worker-drained'), ...base, exitCode: z.int(), message: z.optional(z.string()) }),
]);
export type StreamEvent = z.infer<typeof streamEvent>;

/** The worker's end. */
export interface WorkerStream {
  /** The next task; undefined when there will be no more, which ends the worker. @throws the signal's reason when aborted */
  pull(signal: AbortSignal): Promise<Delivery | undefined>;
  record(record: TaskRecord): void;
  /** Resolves when it is handed over. */
  event(event: StreamEvent): Promise<void>;
}
