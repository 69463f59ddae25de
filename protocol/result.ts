/** What the store holds about a cell: result (the only commit point), failure, attempt start and end (docs/contracts.md "Truth", "Keys"). */
import { z } from 'zod';

const id = z.string().regex(/^[0-9a-f]{64}$/);

export const failureClass = z.enum([
  'disruption',
  'infrastructure',
  'outOfMemory',
  'device',
  'timeout',
  'unknown',
  'nonFiniteLoss',
  'badData',
  'userError',
]);
export type FailureClass = z.infer<typeof failureClass>;

/** Failed attempts allowed per class before a cell is parked. */
export const defaultRetries: Readonly<Record<FailureClass, number>> = {
  disruption: Infinity,
  infrastructure: Infinity,
  outOfMemory: 2,
  device: 3,
  timeout: 1,
  unknown: 3,
  nonFiniteLoss: 0,
  badData: 0,
  userError: 0,
};

/**
 * Which weights the images of a perturbed evaluation were made against: `fresh`, the evaluated weights themselves; `in-training`, those of
 * slightly earlier steps, like the batches of adversarial training. Noise is made against no weights and counts as `fresh`.
 */
export const attackTiming = z.enum(['fresh', 'in-training']);
export type AttackTiming = z.infer<typeof attackTiming>;

const artifact = z.object({ name: z.string(), key: z.string(), sha256: id, sizeBytes: z.int().min(0) });
export type Artifact = z.infer<typeof artifact>;

export const cellResult = z.object({
  v: z.literal(1),
  cellId: id,
  kind: z.enum(['snapshot', 'evaluate']),
  attemptId: z.string(),
  /** Digests of the result files consumed. The cell counts as present only while these are current. */
  inputs: z.array(z.object({ cellId: id, resultSha256: id })),
  artifacts: z.array(artifact),
  scalars: z.record(z.string(), z.number()),
  /** Set for a perturbed evaluation. Builds that omitted it attacked `fresh`. */
  attackTiming: z.optional(attackTiming),
  numerics: z.object({
    backend: z.string(),
    versions: z.record(z.string(), z.string()),
    threads: z.int().min(1),
    device: z.string(),
    batchSize: z.int().min(1),
  }),
  scienceVersions: z.record(z.string(), z.int()),
  /** Digest of the code of each part of a plug-in that is named in ids by its declared science, by that identity. */
  code: z.optional(z.record(z.string(), id)),
  buildId: z.string(),
  times: z.object({ startMs: z.int(), endMs: z.int(), computeMs: z.number() }),
});
export type CellResult = z.infer<typeof cellResult>;

export const cellFailure = z.object({
  v: z.literal(1),
  cellId: id,
  attemptId: z.string(),
  class: failureClass,
  message: z.string(),
  atStep: z.optional(z.int()),
  /** Failed attempts by class. */
  attempts: z.record(z.string(), z.int()),
  logTail: z.string(),
  atMs: z.int(),
});
export type CellFailure = z.infer<typeof cellFailure>;

/** A second result whose numbers differ from those of the committed one. */
export const cellConflict = z.object({
  v: z.literal(1),
  cellId: id,
  attemptId: z.string(),
  /** The attempt whose result was committed. */
  winner: z.string(),
  scalars: z.record(z.string(), z.number()),
});

/** Stored beside the parts of a checkpoint and written after them. */
export const checkpointManifest = z.object({
  v: z.literal(1),
  step: z.int().min(0),
  parts: z.array(z.object({ name: z.string(), sha256: z.string(), sizeBytes: z.int().min(0) })),
});

export const attemptStart = z.object({
  v: z.literal(1),
  taskId: id,
  worker: z.string(),
  podUid: z.optional(z.string()),
  node: z.string(),
  buildId: z.string(),
  startedAt: z.int(),
  expiresAt: z.int(),
});

export const attemptEnd = z.object({
  v: z.literal(1),
  outcome: z.enum(['committed', 'duplicate', 'failed', 'given-back']),
  class: z.optional(failureClass),
  message: z.optional(z.string()),
  atStep: z.optional(z.int()),
});
