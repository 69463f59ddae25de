/** The status of a Sweep on a cluster. Its size does not depend on the size of the sweep (docs/contracts.md "Conditions"). */
import { z } from 'zod';

const text = (most: number) => z.string().max(most);
const count = z.int().min(0);

export const conditionTypes = [
  'Planned',
  'StoreReady',
  'StreamReady',
  'Progressing',
  'Suspended',
  'Complete',
  'Failed',
  'ReportReady',
] as const;

/** What a person or a tool requests of a Sweep beside its spec. Each new value is a new request. */
export const sweepAnnotations = {
  /** Write a report now. */
  report: 'ncsweep.dev/report',
  /** Retry the cells whose parking was lifted, even when the sweep is over. */
  retry: 'ncsweep.dev/retry',
  /** Continue under these versions of the science: "<name>=<version>,…", as the condition names them. */
  science: 'ncsweep.dev/science',
} as const;

export const condition = z.object({
  type: z.enum(conditionTypes),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: text(64),
  message: text(4096),
  observedGeneration: count,
  lastTransitionTime: text(64),
});
export type Condition = z.infer<typeof condition>;

export const sweepStatus = z.object({
  observedGeneration: count.optional(),
  /** One word for people; programs should read the conditions. */
  phase: text(32).optional(),
  /** Reason of the most important condition. */
  reason: text(64).optional(),
  planDigest: text(64).optional(),
  backend: text(32).optional(),
  /** Location of the store as seen by pods. */
  store: text(1024).optional(),
  /** The retry request acted on last. */
  retried: text(256).optional(),
  /** Versions of what computes the numbers; fixed when the sweep is first planned, until a person adopts others. */
  scienceVersions: z.record(z.string().max(64), count).optional(),
  /** Versions of this install that differ and that nobody has adopted yet. */
  scienceOffered: z.record(z.string().max(64), count).optional(),
  /**
   * Digest of what the spec asked for when the sweep became complete, and the generation that first asked for it. Edits of how it is
   * run leave the digest alone, and the sweep complete.
   */
  completed: z.object({ digest: text(64), generation: count }).optional(),
  /** "1776/1776"; "?/1776" before the store was read. */
  trials: text(32).optional(),
  counters: z
    .object({ cells: count, ready: count, running: count, done: count, cached: count, parked: count, blocked: count })
    .optional(),
  eta: z.object({ seconds: count, low: count, high: count, text: text(16) }).optional(),
  /** Workers whose pods exist or are being made, for `kubectl scale`. */
  replicas: count.optional(),
  selector: text(512).optional(),
  pools: z
    .array(z.object({ class: text(32), waves: count, wanted: count, workers: count }))
    .max(8)
    .optional(),
  failures: z
    .array(z.object({ cellId: text(64), class: text(32), message: text(512) }))
    .max(10)
    .optional(),
  /** The latest report; without a URL when writing it failed. */
  report: z.object({ key: text(64), generation: count, url: text(1024).optional() }).optional(),
  conditions: z.array(condition).max(conditionTypes.length).optional(),
});
export type SweepStatus = z.infer<typeof sweepStatus>;
