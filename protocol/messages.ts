/** Tasks and records, the messages between orchestrator and workers (docs/contracts.md "Streams"). Readers ignore unknown fields. */
import { z } from 'zod';
import { fraction } from './rational.ts';
import { failureClass } from './result.ts';

const id = z.string().regex(/^[0-9a-f]{64}$/);

/** A part, by name, with its parameters. The catalog defines which parts exist and what they mean. */
const part = z.looseObject({ name: z.string() });

/** Versions by name; a part is named "<kind>:<name>". A version of 1 may be omitted. */
const versions = z.record(z.string(), z.int().min(1));

const lineage = z.object({
  dataset: part.extend({ digest: id }),
  architecture: part,
  recipe: z.looseObject({ kind: z.string() }),
  seed: z.int().min(0),
});

const evaluateParams = z.object({
  attack: z.looseObject({ kind: z.string() }),
  epsilon: fraction,
  split: z.enum(['train', 'test']),
  /** Of plug-ins, beside those that every evaluation measures. */
  metrics: z.optional(z.array(z.looseObject({ part: z.string() })).readonly()),
});

const taskCell = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), cellId: id, epoch: z.int().min(0) }),
  z.object({ kind: z.literal('evaluate'), cellId: id, params: evaluateParams, inputs: z.array(id).min(1) }),
]);
export type TaskCell = z.infer<typeof taskCell>;

/**
 * Cells that run together. The cells of a `train` task are the wanted snapshots of one lineage, by ascending epoch; those of an
 * `evaluate` task are one snapshot × one attack family × one split, by ascending epsilon.
 */
export const task = z.object({
  v: z.literal(1),
  kind: z.literal('task'),
  taskId: id,
  sweep: z.string(),
  class: z.enum(['train', 'evaluate']),
  lineage,
  /** Latest committed snapshot of the lineage before the first wanted one; training starts from it. */
  startFrom: z.optional(z.object({ cellId: id, epoch: z.int().min(0) })),
  cells: z.array(taskCell).min(1),
  numerics: z.object({ backend: z.string(), batchSize: z.int().min(1) }),
  /**
   * Versions in the ids of the cells and of their lineage's snapshots; a worker that has others refuses the task. Absent from tasks of
   * orchestrators before 0.2.
   */
  scienceVersions: z.optional(z.object({ snapshot: versions, evaluate: z.optional(versions) })),
  /** Wall-clock limit of one attempt, ms. */
  deadlineMs: z.int().min(1),
  checkpointEveryMs: z.int().min(1),
  /** Failed attempts allowed per class before a cell is parked, where they differ from `defaultRetries`. */
  retries: z.optional(z.partialRecord(failureClass, z.int().min(0))),
  /** Where datasets or imported weights are on this machine, by digest. A hint, verified before use and never part of an id. */
  sources: z.record(z.string(), z.string()),
});
export type Task = z.infer<typeof task>;

/** Stands in the queue for a task above 1 MB, which is in the store under `key`. */
export const taskReference = z.object({
  v: z.literal(1),
  kind: z.literal('task-reference'),
  taskId: id,
  class: z.enum(['train', 'evaluate']),
  key: z.string(),
  sha256: id,
});

/** A message in the queue. */
export const taskMessage = z.discriminatedUnion('kind', [task, taskReference]);
export type TaskMessage = z.infer<typeof taskMessage>;

const recordBase = {
  v: z.literal(1),
  seq: z.int().min(1),
  taskId: id,
  cellId: id,
  attemptId: z.string(),
  atMs: z.int(),
  /** The worker that runs the attempt, for people; not sent by workers before 0.2. */
  worker: z.optional(z.string()),
};

/** `seq` counts from 1 in each attempt; a gap means lost records, never lost results. */
export const record = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('progress'),
    ...recordBase,
    epoch: z.optional(z.number()),
    epochs: z.optional(z.number()),
    step: z.optional(z.int()),
    values: z.record(z.string(), z.number()),
  }),
  z.object({ kind: z.literal('metric'), ...recordBase, values: z.record(z.string(), z.number()) }),
  z.object({ kind: z.literal('log'), ...recordBase, level: z.enum(['debug', 'info', 'warn', 'error']), text: z.string() }),
  z.object({
    kind: z.literal('attempt'),
    ...recordBase,
    state: z.enum(['started', 'resumed', 'committed', 'duplicate', 'given-back', 'failed', 'parked']),
    text: z.optional(z.string()),
  }),
]);
export type TaskRecord = z.infer<typeof record>;
