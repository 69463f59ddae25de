/** Tasks and records: what crosses between orchestrator and workers (docs/contracts.md "Streams"). Readers ignore unknown fields. */
import { z } from 'zod';
import { fraction } from './rational.ts';
import { failureClass } from './result.ts';

const id = z.string().regex(/^[0-9a-f]{64}$/);

/** A part by its name, with its parameters: which there are, and what they mean, the catalog says. */
const part = z.looseObject({ name: z.string() });

/** By name; a part's is "<kind>:<name>". A version of 1 may be left out. */
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
});

const taskCell = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), cellId: id, epoch: z.int().min(0) }),
  z.object({ kind: z.literal('evaluate'), cellId: id, params: evaluateParams, inputs: z.array(id).min(1) }),
]);
export type TaskCell = z.infer<typeof taskCell>;

/**
 * Cells that run together. A `train` task's cells are the wanted snapshots of one lineage by ascending epoch; an `evaluate` task's are
 * one snapshot × one attack family × one split by ascending epsilon.
 */
export const task = z.object({
  v: z.literal(1),
  kind: z.literal('task'),
  taskId: id,
  sweep: z.string(),
  class: z.enum(['train', 'evaluate']),
  lineage,
  /** Latest committed snapshot of the lineage before the first wanted one: training starts from it. */
  startFrom: z.optional(z.object({ cellId: id, epoch: z.int().min(0) })),
  cells: z.array(taskCell).min(1),
  numerics: z.object({ backend: z.string(), batchSize: z.int().min(1) }),
  /**
   * Versions in the ids of the cells, and in those of the snapshots of their lineage: a worker that has others refuses the task. Absent
   * from tasks of orchestrators before 0.2.
   */
  scienceVersions: z.optional(z.object({ snapshot: versions, evaluate: z.optional(versions) })),
  /** Wall-clock bound of one attempt in ms. */
  deadlineMs: z.int().min(1),
  checkpointEveryMs: z.int().min(1),
  /** Attempts a cell may fail by class before it is parked, where they differ from `defaultRetries`. */
  retries: z.optional(z.partialRecord(failureClass, z.int().min(0))),
  /** Where a dataset or imported weights lie on this machine, by digest: a hint, verified before use and never part of an id. */
  sources: z.record(z.string(), z.string()),
});
export type Task = z.infer<typeof task>;

/** Stands in the queue for a task above 1 MB, which lies in the store under `key`. */
export const taskReference = z.object({
  v: z.literal(1),
  kind: z.literal('task-reference'),
  taskId: id,
  class: z.enum(['train', 'evaluate']),
  key: z.string(),
  sha256: id,
});

/** What is in the queue. */
export const taskMessage = z.discriminatedUnion('kind', [task, taskReference]);
export type TaskMessage = z.infer<typeof taskMessage>;

const recordBase = {
  v: z.literal(1),
  seq: z.int().min(1),
  taskId: id,
  cellId: id,
  attemptId: z.string(),
  atMs: z.int(),
  /** Who runs the attempt: for people; absent from workers before 0.2. */
  worker: z.optional(z.string()),
};

/** `seq` counts from 1 per attempt; a gap means lost records, never lost results. */
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
