/** Time and peak memory of planning, committing and ingesting against the size of the sweep; slopes on log-log axes. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { logLogSlope, spread } from '../statistics.ts';
import { growthPlot, type Point } from './plot.ts';

/** Trials for plan, cells for the others. */
const sizes = {
  plan: [1100, 11_000, 110_000, 1_100_000],
  queue: [1000, 4000, 16_000],
  commit: [1000, 10_000, 100_000],
  ingest: [1000, 10_000, 100_000],
};
const repetitions = 2;

const output = z.object({ seconds: z.number(), peakMiB: z.number() });
const program = new URL('step.ts', import.meta.url).pathname;

async function once(step: string, size: number): Promise<z.infer<typeof output>> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, step, String(size)]);
  return output.parse(JSON.parse(stdout));
}

const measurements: Measurement[] = [];
const points: Point[] = [];
for (const [step, stepSizes] of Object.entries(sizes)) {
  for (const size of stepSizes) {
    const seconds: number[] = [];
    const peaks: number[] = [];
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const found = await once(step, size);
      seconds.push(found.seconds);
      peaks.push(found.peakMiB);
    }
    tell(`${step} ${size}: ${spread(seconds).median.toFixed(2)} s, ${Math.round(spread(peaks).median)} MiB`);
    const variant = `${size.toLocaleString('en')} ${step === 'plan' ? 'trials' : 'results'}`;
    measurements.push({ case: step, variant, unit: 's', samples: seconds });
    measurements.push({
      case: step,
      variant,
      unit: 'MiB at the peak',
      samples: peaks,
      note: step === 'plan' ? '' : 'the store itself included',
    });
    points.push({ step, size, seconds: spread(seconds).median });
  }
}
writeFileSync(new URL('growth.svg', import.meta.url), growthPlot(points));
const slope = (step: string): string =>
  logLogSlope(points.filter((point) => point.step === step).map(({ size, seconds }) => [size, seconds])).toFixed(2);
printRun({
  ...{ name: 'growth', title: 'Growth with the size of a sweep', baseline: 'none', environment: {} },
  measurements,
  notes: [
    `Slope of time against size, log-log: ${Object.keys(sizes)
      .map((step) => `${step} ${slope(step)}`)
      .join(', ')}; 1 is linear.`,
  ],
  figures: ['growth/growth.svg'],
});
