/** Time and peak memory of `ncsweep plan` without its store, against the number of cells: every trial is a cell of its own. */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { logLogSlope, spread } from '../statistics.ts';

/** Seeds of each size; a seed is a training and its evaluations. */
const sizes = [100, 1000, 10_000];
const repetitions = 3;
/** What a person can wait for, at the largest size. Processor time stands for the wait, because a shared machine changes it less. */
const aim = { cpuSeconds: 30, MiB: 1024 };

const output = z.object({ cells: z.number(), seconds: z.number(), cpuSeconds: z.number(), peakMiB: z.number() });
const program = new URL('step.ts', import.meta.url).pathname;

async function once(seeds: number): Promise<z.infer<typeof output>> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, String(seeds)]);
  return output.parse(JSON.parse(stdout));
}

const nameOf = (cells: number): string => `${cells.toLocaleString('en')} cells`;

const measurements: Measurement[] = [];
const points: [number, number][] = [];
const largest = { cpuSeconds: 0, MiB: 0 };
let baseline = '';
for (const seeds of sizes) {
  const runs: z.infer<typeof output>[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) runs.push(await once(seeds));
  const { cells } = runs[0]!;
  const seconds = runs.map((run) => run.seconds);
  const peaks = runs.map((run) => run.peakMiB);
  const variant = nameOf(cells);
  if (baseline === '') baseline = variant;
  measurements.push({ case: 'planning', variant, unit: 's', samples: seconds });
  measurements.push({ case: 'planning', variant, unit: 's of processor time', samples: runs.map((run) => run.cpuSeconds) });
  measurements.push({ case: 'planning', variant, unit: 'µs a cell', samples: seconds.map((took) => (1e6 * took) / cells) });
  measurements.push({ case: 'planning', variant, unit: 'MiB at the peak', samples: peaks });
  const cpuSeconds = spread(runs.map((run) => run.cpuSeconds)).median;
  points.push([cells, cpuSeconds]);
  Object.assign(largest, { cpuSeconds, MiB: spread(peaks).median });
  tell(`${variant}: ${spread(seconds).median.toFixed(2)} s, ${Math.round(spread(peaks).median)} MiB`);
}
const met = largest.cpuSeconds <= aim.cpuSeconds && largest.MiB <= aim.MiB;
printRun({
  name: 'planning',
  title: 'Planning by cells',
  baseline,
  environment: {},
  measurements,
  notes: [
    `Slope of processor time against cells, log-log: ${logLogSlope(points).toFixed(2)}; 1 is linear.`,
    `The aim at the largest size, ${aim.cpuSeconds} s of processor time (user and system) and ${aim.MiB.toLocaleString('en')} MiB, is ${met ? 'met' : 'missed'}. Seconds and µs are of the clock, and longer where a machine is shared.`,
  ],
});
