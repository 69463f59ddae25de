/**
 * What a benchmark program prints: one JSON object on stdout, progress on stderr. `bench/run.ts` runs the programs `bench/<name>/run.ts`,
 * keeps what they printed in `results.json` and renders it.
 */
import process from 'node:process';
import { z } from 'zod';

const measurement = z.object({
  /** What is done, with its size: "1,000 no-op trials". Variants of one case and unit are compared. */
  case: z.string().min(1),
  /** Who does it: "ncsweep local", "Ray Tune 2.1". */
  variant: z.string().min(1),
  /** Of the samples: "s", "trials/s", "MiB", "requests". */
  unit: z.string().min(1),
  /** One a repetition. Repetitions are taken in turn over the variants, so that samples of one index belong together. */
  samples: z.array(z.number()).min(1),
  /** Said beside the row: durability, a smaller size, an estimate. */
  note: z.string().optional(),
});
export type Measurement = z.infer<typeof measurement>;

const benchmarkRun = z.object({
  /** Of the program's folder. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string().min(1),
  /** Variant that the others are divided by. A case without it gets no ratios. */
  baseline: z.string().min(1),
  /** Versions of what was compared, and settings such as threads; no host names or paths. */
  environment: z.record(z.string(), z.string()),
  measurements: z.array(measurement).min(1),
  /** Markdown sentences below the tables: slopes, what was left out and why. */
  notes: z.array(z.string()).default([]),
  /** SVG files that the program wrote, relative to `bench/`. */
  figures: z.array(z.string()).default([]),
});
type BenchmarkRun = z.input<typeof benchmarkRun>;

export const recordedRun = benchmarkRun.extend({
  ranAt: z.iso.datetime(),
  /** Short commit; with `+` when files were changed since. */
  commit: z.string(),
  machine: z.record(z.string(), z.string()),
});
/** A run as `results.json` keeps it. */
export type RecordedRun = z.infer<typeof recordedRun>;

export const resultsFile = z.object({ v: z.literal(1), benchmarks: z.array(recordedRun) });

/** @throws ZodError when a program printed something else */
export const decodeRun = (value: unknown): z.infer<typeof benchmarkRun> => benchmarkRun.parse(value);

/** The last thing a benchmark program does. */
export function printRun(run: BenchmarkRun): void {
  process.stdout.write(`${JSON.stringify(benchmarkRun.parse(run))}\n`);
}

/** Progress, for a person who waits. */
export function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
