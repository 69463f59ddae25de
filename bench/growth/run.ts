/** Time and peak memory of planning, queueing, committing, ingesting and reporting against the size of the sweep; slopes on log-log axes. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { logLogSlope, spread } from '../statistics.ts';
import { growthPlot, type Point } from './plot.ts';

interface Step {
  readonly sizes: readonly number[];
  readonly counts: 'trials' | 'results' | 'rows';
  /** What of the peak of memory is not the step's. */
  readonly memoryNote?: string;
}
const store = { memoryNote: 'the store itself included' };
const tables = { memoryNote: 'the tables themselves included' };
const steps: Readonly<Record<string, Step>> = {
  plan: { sizes: [1100, 11_000, 110_000, 1_100_000], counts: 'trials' },
  queue: { sizes: [1000, 10_000, 100_000], counts: 'results' },
  commit: { sizes: [1000, 10_000, 100_000], counts: 'results', ...store },
  ingest: { sizes: [1000, 10_000, 100_000], counts: 'results', ...store },
  judge: { sizes: [11_000, 110_000, 1_001_000], counts: 'rows', ...tables },
  tables: { sizes: [11_000, 110_000, 1_001_000], counts: 'rows', ...tables },
};
/** Of the sizes that take long one. */
const repetitionsOf = (step: Step, size: number): number => (size === step.sizes.at(-1) ? 1 : 2);

const output = z.object({ seconds: z.number(), peakMiB: z.number() });
const program = new URL('step.ts', import.meta.url).pathname;

async function once(step: string, size: number): Promise<z.infer<typeof output>> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, step, String(size)]);
  return output.parse(JSON.parse(stdout));
}

const measurements: Measurement[] = [];
const points: Point[] = [];
for (const [name, step] of Object.entries(steps)) {
  for (const size of step.sizes) {
    const seconds: number[] = [];
    const peaks: number[] = [];
    for (let repetition = 0; repetition < repetitionsOf(step, size); repetition++) {
      const found = await once(name, size);
      seconds.push(found.seconds);
      peaks.push(found.peakMiB);
    }
    tell(`${name} ${size}: ${spread(seconds).median.toFixed(2)} s, ${Math.round(spread(peaks).median)} MiB`);
    const variant = `${size.toLocaleString('en')} ${step.counts}`;
    measurements.push({ case: name, variant, unit: 's', samples: seconds });
    measurements.push({ case: name, variant, unit: 'MiB at the peak', samples: peaks, note: step.memoryNote });
    points.push({ step: name, size, seconds: spread(seconds).median });
  }
}
writeFileSync(new URL('growth.svg', import.meta.url), growthPlot(points));
const slope = (name: string): string =>
  logLogSlope(points.filter(({ step }) => step === name).map(({ size, seconds }) => [size, seconds])).toFixed(2);
printRun({
  name: 'growth',
  title: 'Growth with the size of a sweep',
  baseline: 'none',
  environment: {},
  measurements,
  notes: [
    `Slope of time against size, log-log: ${Object.keys(steps)
      .map((name) => `${name} ${slope(name)}`)
      .join(', ')}; 1 is linear.`,
  ],
  figures: ['growth/growth.svg'],
});
