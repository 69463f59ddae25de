/** No-op trials from start to numbers: `ncsweep run` with its durable commits beside other orchestrators, two cores each. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Measurement, printRun, tell } from '../benchmark.ts';
import { readBenchConfig } from '../config.ts';
import { measureNcsweep } from '../measure-ncsweep.ts';
import { type Measured, measureProcesses } from '../measure-processes.ts';
import { peerPython } from '../peers/peer-python.ts';
import { evaluationsPerSeed, noOpSweep, rowsPerEvaluation } from './no-op-sweep.ts';

interface Contender {
  readonly variant: string;
  /** What survives a power cut, and what else a reader must know. */
  readonly note: string;
  /** Trials of each size; fewer where it would take too long. */
  readonly sizes: readonly number[];
  run(trials: number, folder: string): Promise<Taken>;
}

const at = (relative: string): string => new URL(relative, import.meta.url).pathname;
const run = promisify(execFile);
/** A peer that takes longer counts as not finished, ms. */
const limitMs = 90_000;

type Taken = Pick<Measured, 'seconds' | 'mainMiB' | 'allMiB'>;

/** @returns seconds from the start of the command to its end, the report written */
async function ncsweepTakes(looks: 'one' | 'all', seeds: number, folder: string): Promise<Taken> {
  const file = path.join(folder, 'sweep.yaml');
  await writeFile(file, noOpSweep(seeds, looks));
  return measureNcsweep({
    file,
    folder,
    backend: 'wasm',
    env: { ...process.env, NCSWEEP_COMPUTE: JSON.stringify([process.execPath, at('no-op-compute.ts')]) },
  });
}

const timed = z.object({ seconds: z.number(), peakMiB: z.number() });

async function peerTakes(python: string, peer: string, trials: number, folder: string): Promise<Taken> {
  const taken = await measureProcesses([python, at('peers.py'), peer, String(trials), folder], { timeout: limitMs });
  const { seconds, peakMiB } = timed.parse(JSON.parse(taken.stdout.trim().split('\n').at(-1) ?? ''));
  return { seconds, mainMiB: peakMiB, allMiB: taken.allMiB };
}

function contenders(python: string): Contender[] {
  const peer = (name: string, variant: string, sizes: readonly number[], note: string): Contender => ({
    variant,
    note,
    sizes,
    run: (trials, folder) => peerTakes(python, name, trials, folder),
  });
  return [
    {
      variant: 'ncsweep, all layers',
      note: 'each result synced to disk before it counts; 11 trials share a cell',
      sizes: [rowsPerEvaluation * evaluationsPerSeed, 9 * rowsPerEvaluation * evaluationsPerSeed],
      run: (trials, folder) => ncsweepTakes('all', trials / rowsPerEvaluation / evaluationsPerSeed, folder),
    },
    {
      variant: 'ncsweep, one trial a cell',
      note: 'as above; nothing is shared',
      sizes: [1000, 10_000],
      run: (trials, folder) => ncsweepTakes('one', trials / evaluationsPerSeed, folder),
    },
    peer('ray-actors', 'Ray actor pool', [1000, 10_000], 'nothing is stored'),
    peer('optuna', 'Optuna, grid', [500], 'journal file, synced at each entry'),
    peer('hydra', 'Hydra, joblib', [100], 'a folder a trial, not synced'),
    peer('snakemake', 'Snakemake', [500], 'a file a trial, not synced; a shell a trial'),
    peer('ray-tune', 'Ray Tune', [20], 'a folder a trial, not synced'),
  ];
}

const repetitions = (trials: number): number => (trials > 2000 ? 1 : 3);

async function measure(contender: Contender, trials: number, folder: string): Promise<Record<string, number>> {
  const { seconds, mainMiB, allMiB } = await contender.run(trials, folder);
  const rate = trials / seconds;
  tell(`${contender.variant}: ${trials} trials, ${rate.toFixed(1)} trials/s, ${mainMiB.toFixed(0)} of ${allMiB.toFixed(0)} MiB`);
  return { 'trials/s': rate, 'MiB of the orchestrator, peak': mainMiB, 'MiB of all processes, peak': allMiB };
}

const measurementOf = ({ variant, note }: Contender, trials: number, unit: string, sample: number): Measurement => ({
  case: `no-op trials, ${trials > 2000 ? 'about 10,000' : 'up to 1,100'}`,
  variant,
  unit,
  samples: [sample],
  note: `${trials.toLocaleString('en')} trials${unit === 'trials/s' ? `; ${note}` : ''}`,
});

const python = peerPython('orchestrators');
const { cache } = readBenchConfig();
await mkdir(cache, { recursive: true });
/** Removed at the end only: ext4 passes over inodes that were deleted shortly before, which would slow whoever comes next. */
const scratch = await mkdtemp(path.join(cache, 'no-op-'));
/** By unit, contender and size. */
const found = new Map<string, Measurement>();
const failed = new Set<string>();

async function repeat(contender: Contender, trials: number): Promise<void> {
  const key = `${contender.variant} ${trials}`;
  if (failed.has(key)) return;
  try {
    for (const [unit, sample] of Object.entries(await measure(contender, trials, await mkdtemp(`${scratch}/`)))) {
      const known = found.get(`${unit} ${key}`);
      if (known) known.samples.push(sample);
      else found.set(`${unit} ${key}`, measurementOf(contender, trials, unit, sample));
    }
  } catch (error) {
    tell(`${key}: ${error instanceof Error ? error.message.slice(0, 500) : String(error)}`);
    failed.add(key);
  }
}

for (let repetition = 0; repetition < 3; repetition++) {
  for (const contender of contenders(python)) {
    for (const trials of contender.sizes.filter((size) => repetition < repetitions(size))) await repeat(contender, trials);
  }
}
await rm(scratch, { recursive: true, force: true });
const versions = z.record(z.string(), z.string());
const pinned = await run(python, [
  '-c',
  'import json,importlib.metadata as m;print(json.dumps({p:m.version(p) for p in ["ray","optuna","hydra-core","snakemake"]}))',
]);
printRun({
  name: 'orchestration',
  title: 'Orchestration of no-op trials on one machine',
  baseline: 'Ray actor pool',
  environment: versions.parse(JSON.parse(pinned.stdout)),
  measurements: [...found.values()],
  notes: [...failed].map((key) => `${key} trials: a repetition failed, or was not done in ${limitMs / 1000} s.`),
});
