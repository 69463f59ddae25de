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
  type: z.enum(conditionTypes).describe('What the condition is about'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds'),
  reason: text(64).describe('One word for programs; docs/contracts.md lists them'),
  message: text(4096).describe('The same for people, with a remedy where something is wrong'),
  observedGeneration: count.describe('Generation of the spec that it is about'),
  lastTransitionTime: text(64).describe('Since when the status is what it is'),
});
export type Condition = z.infer<typeof condition>;

const counters = z.object({
  cells: count.describe('Units of work that the sweep needs'),
  ready: count.describe('Tasks in the queue, each with several cells'),
  running: count.describe('Tasks that a worker holds'),
  done: count.describe('Cells that have a result'),
  cached: count.describe('Of these, cells whose result was in the store before the sweep first ran'),
  parked: count.describe('Cells that failed for good, unless retried'),
  blocked: count.describe('Cells that need the result of a parked one'),
});

const eta = z.object({
  seconds: count.describe('Estimated time left, s'),
  low: count.describe('A third of it'),
  high: count.describe('Three times as much'),
  text: text(16).describe('The estimate for people'),
});

const pool = z.object({
  class: text(32).describe('train or evaluate'),
  waves: count.describe('Jobs of workers that are not over'),
  wanted: count.describe('Workers that it should have, by its tasks, parallelism and limits'),
  workers: count.describe('Workers that hold a task'),
});

const failure = z.object({
  cellId: text(64).describe('Id of the cell, for ncsweep show'),
  class: text(32).describe('Failure class (docs/contracts.md)'),
  message: text(512).describe('What its last attempt said'),
});

const versions = z.record(z.string().max(64), count);

export const sweepStatus = z.object({
  observedGeneration: count.optional().describe('Generation of the spec that this status is about'),
  phase: text(32).optional().describe('One word for people; programs should read the conditions'),
  reason: text(64).optional().describe('Reason of the most important condition'),
  planDigest: text(64).optional().describe('Digest of the cells that were last planned'),
  backend: text(32).optional().describe('What computes: the choice of execution.backend, or what auto means here'),
  store: text(1024).optional().describe('Location of the store as seen by pods'),
  retried: text(256).optional().describe('The retry request acted on last'),
  scienceVersions: versions
    .optional()
    .describe('Versions of what computes the numbers; fixed when the sweep is first planned, until a person adopts others'),
  scienceOffered: versions.optional().describe('Versions of this install that differ and that nobody has adopted yet'),
  completed: z
    .object({
      digest: text(64).describe(
        'Digest of what the spec asked for; edits of how it is run leave it alone, and the sweep complete',
      ),
      generation: count.describe('Generation of the spec that first asked for it'),
    })
    .optional()
    .describe('What a complete sweep was asked for'),
  trials: text(32)
    .optional()
    .describe('Rows of results that are there, of those asked for: 1776/1776; ?/1776 before the store was read'),
  counters: counters.optional().describe('Cells and tasks, as last known'),
  eta: eta.optional().describe('While workers work, once a cell has a result'),
  replicas: count.optional().describe('Workers whose pods exist or are being made, for kubectl scale'),
  selector: text(512).optional().describe('Labels of its pods, for kubectl scale'),
  pools: z.array(pool).max(8).optional().describe('Workers by class of task'),
  failures: z.array(failure).max(10).optional().describe('Some of the cells that failed for good'),
  report: z
    .object({
      key: text(64).describe('Digest of what the report covers'),
      generation: count.describe('Generation of the spec that it covers'),
      url: text(1024).optional().describe('Where it is; absent when writing it failed'),
    })
    .optional()
    .describe('The latest report'),
  conditions: z
    .array(condition)
    .max(conditionTypes.length)
    .optional()
    .describe('What is the case, and since when; docs/kubernetes.md'),
});
export type SweepStatus = z.infer<typeof sweepStatus>;
