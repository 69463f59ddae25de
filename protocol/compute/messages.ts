/** Headers of the frames between a supervisor and its compute program (docs/compute-protocol.md "Messages"). */
import { z } from 'zod';
import { attackTiming, failureClass } from '../result.ts';
import { taskDocument } from './task-document.ts';

/** The newest version of the protocol that this program speaks. */
export const computeProtocol = 1;

const cellId = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const callId = z.int().min(1);

/** A binary payload: behind the header, or a file in the scratch folder, named relative to it. */
export const payload = z.object({
  name: z.string().regex(/^[A-Za-z0-9._-]+$/),
  sizeBytes: count,
  file: z.optional(z.string().regex(/^[A-Za-z0-9._-]+$/)),
});
export type Payload = z.infer<typeof payload>;

const payloads = z.optional(z.array(payload));

/** What may end a task; `timeout` is the supervisor's. */
const taskFailureClass = failureClass.exclude(['timeout']);

const numbers = z.record(z.string(), z.number());
const versions = z.record(z.string(), z.string());

/** From the supervisor to the program. */
export const toProgram = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    protocol: z.int(),
    backend: z.string(),
    threads: z.int().min(1),
    /** Folder for large payloads. It exists and is the program's own. */
    scratch: z.string(),
  }),
  z.object({ type: z.literal('run'), task: taskDocument }),
  z.object({ type: z.literal('abort') }),
  z.object({
    type: z.literal('answer'),
    id: callId,
    settled: z.optional(z.boolean()),
    /** Step of a checkpoint; absent: there is none. */
    step: z.optional(count),
    payloads,
  }),
  z.object({ type: z.literal('refusal'), id: callId, class: taskFailureClass, message: z.string() }),
  z.object({
    type: z.literal('draw'),
    id: callId,
    what: z.enum(['words', 'uniform', 'normal', 'permutation']),
    seed: count,
    purpose: z.string(),
    /** Of the sample. */
    index: count,
    count,
  }),
]);
export type ToProgram = z.infer<typeof toProgram>;

const call = { type: z.literal('call'), id: callId, cellId };

const calls = z.discriminatedUnion('call', [
  z.object({ ...call, call: z.literal('isSettled') }),
  z.object({ ...call, call: z.literal('readArtifact'), name: z.string() }),
  z.object({ ...call, call: z.literal('latestCheckpoint') }),
  z.object({ ...call, call: z.literal('saveCheckpoint'), step: count, payloads }),
  z.object({
    ...call,
    call: z.literal('commit'),
    scalars: numbers,
    attackTiming: z.optional(attackTiming),
    computeMs: z.number().min(0),
    payloads,
  }),
]);
export type ComputeCall = z.infer<typeof calls>;

/** What a program has, once its device is open. */
const ready = z.object({
  type: z.literal('ready'),
  backend: z.string(),
  /** Model of the CPU or GPU. */
  device: z.string(),
  threads: z.int().min(1),
  /** Of the software that computes, by name; recorded with every result. */
  versions,
  /** What two runs of one task yield on similar machines: equal bytes, or numbers that differ by rounding. */
  repeats: z.enum(['equal', 'within tolerance']),
  /** Versions of the science that it implements, by name. */
  science: z.record(z.string(), z.int().min(1)),
});
export type Ready = z.infer<typeof ready>;

/** From the program to the supervisor. */
export const fromProgram = z.discriminatedUnion('type', [
  /** The first message. @see computeProtocol */
  z.object({ type: z.literal('hello'), protocols: z.array(z.int()), program: z.string(), version: z.string() }),
  ready,
  /** The device cannot be used here. */
  z.object({ type: z.literal('unusable'), message: z.string() }),
  calls,
  z.object({
    type: z.literal('progress'),
    cellId,
    epoch: z.optional(z.number()),
    epochs: z.optional(z.number()),
    step: z.optional(count),
    values: numbers,
  }),
  z.object({ type: z.literal('log'), cellId, level: z.enum(['info', 'warn']), text: z.string() }),
  z.object({ type: z.literal('drawn'), id: callId, payloads }),
  z.object({ type: z.literal('done') }),
  z.object({
    type: z.literal('failed'),
    class: taskFailureClass,
    cellId,
    message: z.string(),
    atStep: z.optional(count),
    /** Where in the program, for the log. */
    trace: z.optional(z.string()),
  }),
  /** The program computes another science than the task asks for, or does not know something in it. */
  z.object({ type: z.literal('refused'), message: z.string() }),
]);
export type FromProgram = z.infer<typeof fromProgram>;
