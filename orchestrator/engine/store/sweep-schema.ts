/** Decodes a resolved sweep that was stored as JSON (catalog/sweep.ts); specs as users write them are decoded elsewhere. */
import { axes, poolings, splits } from '@ncsweep/catalog/axes';
import { labelNames } from '@ncsweep/catalog/labels';
import { architectureParams } from '@ncsweep/catalog/architectures';
import { perturbing } from '@ncsweep/catalog/attacks';
import { recipeParams } from '@ncsweep/catalog/params';
import { sweepMetric } from '@ncsweep/catalog/plugins/plugged-metric';
import { claimSetNames } from '@ncsweep/catalog/claims';
import { backendName } from '@ncsweep/catalog/backends';
import { datasetParams } from '@ncsweep/catalog/datasets';
import { foundData } from '@ncsweep/protocol/found-data';
import { fraction } from '@ncsweep/protocol/rational';
import { failureClass } from '@ncsweep/protocol/result';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { z } from 'zod';

const named = <T extends z.ZodType>(params: T) => z.array(z.object({ name: z.string(), params }));
const axis = z.enum(axes);
const matches = z.array(z.partialRecord(axis, z.array(z.string())));

const grid = z.object({
  name: z.string(),
  epochs: z.array(z.union([z.int(), z.literal(['last', 'snapshots'])])),
  attacks: named(perturbing),
  epsilons: z.array(z.object({ label: z.string(), value: fraction })),
  layers: z.array(z.string()),
  poolings: z.array(z.enum(poolings)),
  splits: z.array(z.enum(splits)),
  labels: z.array(z.enum(labelNames)),
  only: matches,
  exclude: matches,
  zip: z.array(z.array(axis)),
});

/** Older sweeps name one set of claims, or `none`. */
const claims = z.union([
  z.array(z.enum(claimSetNames)),
  z.enum(claimSetNames).transform((name) => [name]),
  z.literal('none').transform((): readonly [] => []),
]);

export const sweepSchema: z.ZodType<Sweep> = z.object({
  name: z.string(),
  question: z.string(),
  datasets: named(datasetParams),
  architectures: named(architectureParams),
  trainings: named(recipeParams),
  seeds: z.array(z.int()),
  snapshots: z.array(z.int()),
  grids: z.array(grid),
  metrics: z.array(sweepMetric).optional(),
  execution: z.object({
    parallelism: z.int().min(1),
    backend: z.union([backendName, z.literal('auto')]),
    evaluationBatchSize: z.int().min(1),
    retries: z.partialRecord(failureClass, z.int()),
    attemptDeadlineMs: z.int(),
    checkpointEveryMs: z.int(),
  }),
  report: z.object({ claims, confidence: z.number() }),
  sources: z.record(z.string(), z.string()),
  found: z.record(z.string(), foundData).optional(),
});
