/**
 * What the stages of the GPU kit left in folders, as RESULTS.md and results.json: `node bench/gpu/table.ts [--to FOLDER] FROM…`. Of a stage
 * that several folders have, the last one's. FOLDER is by default this one, where a dry run's results have no place.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { isDryRun, renderGpu, type GpuResults } from './render.ts';
import { cudaFile, deviceFile, timesFile, verifyFile } from './results.ts';

const { values, positionals: folders } = parseArgs({
  options: { to: { type: 'string', default: import.meta.dirname } },
  allowPositionals: true,
});
const { to } = values;

function refuse(text: string): never {
  process.stderr.write(`gpu-kit: ${text}\n`);
  process.exit(2);
}

function read<T>(name: string, schema: z.ZodType<T>): T | undefined {
  const file = folders.map((folder) => path.join(folder, `${name}.json`)).findLast((each) => existsSync(each));
  return file === undefined ? undefined : schema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const results: GpuResults = {
  cuda: read('cuda', cudaFile),
  device: read('device', deviceFile),
  evaluations: read('evaluate', verifyFile),
  trainings: read('snapshot', verifyFile),
  times: read('times', timesFile),
};
if (Object.values(results).every((each) => each === undefined))
  refuse(
    `no stage left a result in ${folders.join(', ') || 'no folder'}: expected cuda.json, device.json, evaluate.json, snapshot.json or times.json`,
  );
if (isDryRun(results) && path.resolve(to) === import.meta.dirname)
  refuse(`${folders.join(', ')}: a dry run on a CPU, and bench/gpu keeps results of GPUs only; --to FOLDER shows it elsewhere`);
writeFileSync(path.join(to, 'RESULTS.md'), renderGpu(results));
if (!folders.includes(to)) writeFileSync(path.join(to, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
process.stdout.write(`${path.join(to, 'RESULTS.md')}\n`);
