/** What the stages of the GPU kit write, decoded. */
import { z } from 'zod';
import { recordedRun } from '../benchmark.ts';

const library = z.object({
  name: z.string(),
  path: z.string().nullable(),
  file: z.string().optional(),
  from: z.string().optional(),
  standsIn: z.boolean().optional(),
});
export type FoundLibrary = z.infer<typeof library>;

const stage = { v: z.literal(1), dryRun: z.boolean(), failed: z.string().nullable() };
const scalar = z.union([z.string(), z.number()]);

/** `cuda`: what CUDA's own libraries say. */
export const cudaFile = z.object({
  ...stage,
  found: z.looseObject({
    device: z.record(z.string(), z.string()),
    report: z.object({ required: z.array(library), optional: z.array(library) }),
  }),
});
export type CudaFile = z.infer<typeof cudaFile>;

/** `device`: what TensorFlow computes on. */
export const deviceFile = z.object({ ...stage, found: z.record(z.string(), z.unknown()) });
export type DeviceFile = z.infer<typeof deviceFile>;

const difference = z.object({
  metric: z.string(),
  place: z.string(),
  difference: scalar,
  allowed: scalar,
});

/** `numbers`: what `ncsweep verify -o json` printed. */
export const verifyFile = z.object({
  backend: z.string(),
  on: z.string(),
  kind: z.string(),
  candidates: z.number(),
  finished: z.number(),
  where: z.array(z.string()),
  cells: z.array(
    z.object({
      what: z.string(),
      verdict: z.string(),
      compared: z.number().optional(),
      differing: z.number().optional(),
      beyond: z.number().optional(),
      unlike: z.array(z.string()).optional(),
      worst: z.array(difference).optional(),
    }),
  ),
});
export type VerifyFile = z.infer<typeof verifyFile>;

/** `times`: a run as `make bench` records it. */
export const timesFile = recordedRun.extend({ v: z.literal(1), dryRun: z.boolean() });
export type TimesFile = z.infer<typeof timesFile>;
