/** No-op trials from start to numbers: `ncsweep run` with its durable commits beside other orchestrators, two cores each. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { readBenchConfig } from '../config.ts';
import { peerPython } from '../peers/peer-python.ts';
import { evaluationsPerSeed, noOpSweep, rowsPerEvaluation } from './no-op-sweep.ts';

interface Contender {
  readonly variant: string;
  /** What survives a power cut, and what else a reader must know. */
  readonly note: string;
  /** Trials of each size; fewer where it would take too long. */
  readonly sizes: readonly number[];
  run(trials: number, folder: string): Promise<number>;
}

const at = (relative: string): string => new URL(relative, import.meta.url).pathname;
const run = promisify(execFile);
/** A peer that takes longer counts as not finished, ms. */
const limitMs = 90_000;

/** @returns seconds from the start of the command to its end, the report written */
async function ncsweepSeconds(looks: 'one' | 'all', seeds: number, folder: string): Promise<number> {
  const file = path.join(folder, 'sweep.yaml');
  await writeFile(file, noOpSweep(seeds, looks));
  const where = ['--store', path.join(folder, 'store'), '--out', path.join(folder, 'out'), '--backend', 'wasm'];
  const startMs = performance.now();
  await run(process.execPath, [at('../../cli/main.ts'), 'run', file, ...where], {
    env: { ...process.env, NCSWEEP_COMPUTE: at('no-op-compute.ts') },
  });
  const seconds = (performance.now() - startMs) / 1000;
  if ((await readFile(path.join(folder, 'out/results.csv'), 'utf8')).includes(',missing,'))
    throw new Error('a trial has no result');
  return seconds;
}

const timed = z.object({ seconds: z.number() });

async function peerSeconds(python: string, peer: string, trials: number, folder: string): Promise<number> {
  const { stdout } = await run(python, [at('peers.py'), peer, String(trials), folder], { timeout: limitMs, maxBuffer: 1 << 28 });
  return timed.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).seconds;
}

function contenders(python: string): Contender[] {
  const peer = (name: string, variant: string, sizes: readonly number[], note: string): Contender => ({
    ...{ variant, note, sizes, run: (trials, folder) => peerSeconds(python, name, trials, folder) },
  });
  return [
    {
      variant: 'ncsweep, all layers',
      note: 'each result synced to disk before it counts; 11 trials share a cell',
      sizes: [rowsPerEvaluation * evaluationsPerSeed, 9 * rowsPerEvaluation * evaluationsPerSeed],
      run: (trials, folder) => ncsweepSeconds('all', trials / rowsPerEvaluation / evaluationsPerSeed, folder),
    },
    {
      variant: 'ncsweep, one trial a cell',
      note: 'as above; nothing is shared',
      sizes: [1000, 10_000],
      run: (trials, folder) => ncsweepSeconds('one', trials / evaluationsPerSeed, folder),
    },
    peer('ray-actors', 'Ray actor pool', [1000, 10_000], 'nothing is stored'),
    peer('optuna', 'Optuna, grid', [200], 'journal file, synced at each entry'),
    peer('hydra', 'Hydra, joblib', [50], 'a folder a trial, not synced'),
    peer('snakemake', 'Snakemake', [100], 'a file a trial, not synced; a shell a trial'),
    peer('ray-tune', 'Ray Tune', [20], 'a folder a trial, not synced'),
  ];
}

const repetitions = (trials: number): number => (trials > 2000 ? 1 : 3);

async function measure(contender: Contender, trials: number, cache: string): Promise<number> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'no-op-'));
  try {
    const rate = trials / (await contender.run(trials, folder));
    tell(`${contender.variant}: ${trials} trials, ${rate.toFixed(1)} trials/s`);
    return rate;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const python = peerPython('orchestrators');
const { cache } = readBenchConfig();
const rates = new Map<string, Measurement>();
const notes: string[] = [];
for (let repetition = 0; repetition < 3; repetition++) {
  for (const contender of contenders(python)) {
    for (const trials of contender.sizes.filter((size) => repetition < repetitions(size))) {
      const large = trials > 2000;
      const key = `${contender.variant} ${trials}`;
      if (repetition > 0 && !rates.has(key)) continue;
      try {
        const rate = await measure(contender, trials, cache);
        const known = rates.get(key)?.samples ?? [];
        rates.set(key, {
          case: large ? 'no-op trials, about 10,000' : 'no-op trials, up to 1,100',
          variant: contender.variant,
          unit: 'trials/s',
          samples: [...known, rate],
          note: `${trials.toLocaleString('en')} trials; ${contender.note}`,
        });
      } catch (error) {
        tell(`${key}: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`);
        notes.push(`${contender.variant} did not finish ${trials.toLocaleString('en')} trials in ${limitMs / 1000} s or failed.`);
      }
    }
  }
}
const versions = z.record(z.string(), z.string());
const pinned = await run(python, [
  '-c',
  'import json,importlib.metadata as m;print(json.dumps({p:m.version(p) for p in ["ray","optuna","hydra-core","snakemake"]}))',
]);
printRun({
  ...{ name: 'orchestration', title: 'Orchestration of no-op trials on one machine', baseline: 'Ray actor pool' },
  environment: versions.parse(JSON.parse(pinned.stdout)),
  measurements: [...rates.values()],
  notes,
});
