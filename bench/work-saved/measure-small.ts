/** Core-seconds and seconds of a small sweep on two cores: ncsweep, a script per training, a process per trial, with the same kernels. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { trials } from '@ncsweep/orchestrator/planning/plan/trials';
import { type BackendName, backendName } from '@ncsweep/catalog/backends';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { z } from 'zod';
import { type Measurement, tell } from '../benchmark.ts';
import { measureNcsweep } from '../measure-ncsweep.ts';
import { measureProcesses } from '../measure-processes.ts';
import { seeded } from '../simulated-cluster/random.ts';
import { type Job, scriptJobs, trialJob } from './job.ts';

const repetitions = 3;
const cores = 2;
/** Rows of which a process is really run; drawn anew each repetition. */
const sampledTrials = 10;
const at = (relative: string): string => new URL(relative, import.meta.url).pathname;

interface Cost {
  readonly seconds: number;
  readonly processorSeconds: number;
}

/** The fastest that computes on this machine's processor. */
export async function backendHere(): Promise<BackendName> {
  const { stdout } = await promisify(execFile)(process.execPath, [at('../../worker/list-backends.ts')]);
  const found = z.array(backendName).parse(JSON.parse(stdout));
  return found.includes('native-cpu') ? 'native-cpu' : 'wasm';
}

async function ncsweepCost(file: string, backend: BackendName, cache: string): Promise<Cost> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'work-saved-'));
  try {
    return await measureNcsweep({ file, folder, backend });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs each job in a process of its own, as many at a time as there are cores. */
async function jobsCost(jobs: readonly Job[], backend: BackendName): Promise<Cost> {
  const startMs = performance.now();
  let processorSeconds = 0;
  const waiting = [...jobs];
  const one = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      const cost = await measureProcesses([process.execPath, at('by-hand.ts'), backend, JSON.stringify(job)]);
      processorSeconds += cost.processorSeconds;
    }
  };
  await Promise.all(Array.from({ length: cores }, one));
  return { seconds: (performance.now() - startMs) / 1000, processorSeconds };
}

const scaled = ({ seconds, processorSeconds }: Cost, factor: number): Cost => ({
  seconds: seconds * factor,
  processorSeconds: processorSeconds * factor,
});

interface Way {
  readonly variant: string;
  readonly note: string;
  cost(): Promise<Cost>;
}

function ways(file: string, plan: Plan, sweep: Sweep, backend: BackendName, cache: string): readonly Way[] {
  const rows = [...trials(sweep)];
  const scripts = scriptJobs(sweep, plan);
  const draw = seeded(1);
  const someTrials = (): Job[] =>
    Array.from({ length: sampledTrials }, () => trialJob(rows[Math.floor(draw() * rows.length)]!, plan));
  return [
    { variant: 'ncsweep', note: 'two workers; store and report included', cost: () => ncsweepCost(file, backend, cache) },
    {
      variant: 'script per training',
      note: `${scripts.length} scripts, two at a time; they store nothing`,
      cost: () => jobsCost(scripts, backend),
    },
    {
      variant: 'process per trial',
      note: `${sampledTrials} of ${rows.length} trials a repetition, drawn at random, two at a time; scaled to all`,
      cost: async () => scaled(await jobsCost(someTrials(), backend), rows.length / sampledTrials),
    },
  ];
}

export async function measureSmall(file: string, sweep: Sweep, backend: BackendName, cache: string): Promise<Measurement[]> {
  const plan = planSweep(sweep, backend, sweep.execution.evaluationBatchSize);
  const all = ways(file, plan, sweep, backend, cache);
  const costs = new Map<string, Cost[]>(all.map(({ variant }) => [variant, []]));
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const way of all) {
      const cost = await way.cost();
      tell(`${way.variant}: ${cost.processorSeconds.toFixed(1)} core-seconds, ${cost.seconds.toFixed(1)} s`);
      costs.get(way.variant)!.push(cost);
    }
  }
  const units = { processorSeconds: 'core-seconds', seconds: 's' } as const;
  return (['processorSeconds', 'seconds'] as const).flatMap((key) =>
    all.map(({ variant, note }) => ({
      case: 'small grid (measured)',
      variant,
      unit: units[key],
      note,
      samples: costs.get(variant)!.map((cost) => cost[key]),
    })),
  );
}
