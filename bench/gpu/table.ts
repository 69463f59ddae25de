/**
 * Reads what the stages of the GPU kit left in a folder and writes RESULTS.md and results.json: `node bench/gpu/table.ts FROM [TO]`, TO by
 * default this folder, where a dry run's results have no place.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { z } from 'zod';
import { isDryRun, renderGpu, type GpuResults } from './render.ts';
import { cudaFile, deviceFile, timesFile, verifyFile } from './results.ts';

const [from, to = import.meta.dirname] = process.argv.slice(2);
if (from === undefined) {
  process.stderr.write('table.ts: expected the folder that the stages wrote into\n');
  process.exit(2);
}

function read<T>(name: string, schema: z.ZodType<T>): T | undefined {
  const file = path.join(from!, `${name}.json`);
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

const results: GpuResults = {
  cuda: read('cuda', cudaFile),
  device: read('device', deviceFile),
  evaluations: read('evaluate', verifyFile),
  trainings: read('snapshot', verifyFile),
  times: read('times', timesFile),
};
if (Object.values(results).every((each) => each === undefined)) {
  process.stderr.write(
    `table.ts: ${from} holds no result of a stage (cuda.json, device.json, evaluate.json, snapshot.json, times.json)\n`,
  );
  process.exit(2);
}
if (isDryRun(results) && path.resolve(to) === import.meta.dirname) {
  process.stderr.write(
    `table.ts: ${from} holds a dry run on a CPU: bench/gpu keeps results of GPUs only; name another folder to see it\n`,
  );
  process.exit(2);
}
writeFileSync(path.join(to, 'RESULTS.md'), renderGpu(results));
writeFileSync(path.join(to, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
process.stdout.write(`${path.join(to, 'RESULTS.md')}\n`);
