/** Sweeps of a hundred thousand cells beside a small one: nothing waits for them, and the orchestrator survives. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterSweeps, smallSpec } from '../harness/cluster-sweeps.ts';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
let sweeps: ClusterSweeps;
let cacheFolder = '';
let environment: Record<string, string> = {};
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  runner = new PodRunner(plane.api, stubCompute);
  runner.start();
  cacheFolder = await mkdtemp(path.join(tmpdir(), 'ncsweep-plans-'));
  environment = { NCSWEEP_INSTALL: 'big', NCSWEEP_STORE: await plane.s3.bucket('big-bucket'), NCSWEEP_CACHE_FOLDER: cacheFolder };
  orchestrator = await plane.orchestrator(environment);
  sweeps = new ClusterSweeps(plane, () => orchestrator.output().slice(-1500));
  await vi.waitFor(() => fetch(`http://127.0.0.1:${orchestrator.healthPort}/healthz`), within(30));
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
  await rm(cacheFolder, { recursive: true, force: true });
});

const bigSweeps = 10;
const cellsOfBig = 105_000;
/** What the chart gives the orchestrator. */
const mostMebibytes = 2048;
/** Timeout of the chart's probes. */
const probeMs = 5_000;

/** 50 trainings × 50 epochs × 42 cells; its pods find no node with that many GPUs. */
const bigSpec = (width: number, suspend: boolean): object =>
  smallSpec({
    architecture: [{ name: 'mlp', width, depth: 1 }],
    training: [{ name: 'ST', epochs: 100, batchSize: 8 }],
    seed: ['1..50'],
    grids: [
      {
        name: 'g',
        epoch: ['1..50'],
        attack: [
          { name: 'pgd', kind: 'pgd', steps: 2 },
          { name: 'sign', kind: 'sign-noise' },
        ],
        epsilon: [0, '1/255..20/255 step 1/255'],
      },
    ],
    execution: { parallelism: 2, resources: { train: { 'nvidia.com/gpu': 64 } } },
    suspend,
  });
const make = (name: string, spec: object): Promise<void> => sweeps.make(name, spec);
const small = (name: string, seed: string): Promise<void> => sweeps.make(name, smallSpec({ seed: [seed] }));
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });
const isPlanned = (name: string, seconds: number): Promise<void> => sweeps.says(name, 'Planned', { status: 'True' }, { seconds });

/** The process's peak memory. */
async function peakMebibytes(): Promise<number> {
  const text = await readFile(`/proc/${orchestrator.child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1]) / 1024;
}
async function metric(name: string): Promise<number> {
  const text = await orchestrator.metrics();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}
/** Probes as a kubelet does. @returns how often there was no answer in time */
async function probe(stop: AbortSignal): Promise<number> {
  let failures = 0;
  while (!stop.aborted) {
    const answer = fetch(`http://127.0.0.1:${orchestrator.healthPort}/healthz`, { signal: AbortSignal.timeout(probeMs) });
    failures += await answer.then(
      ({ status }) => (status === 200 ? 0 : 1),
      () => 1,
    );
    await pause(1_000);
  }
  return failures;
}

const names = Array.from({ length: bigSweeps }, (_, i) => `big${i}`);

describe('Sweeps of a hundred thousand cells', () => {
  it('hold no small one up, block no probe, and fit into the memory of the chart', async () => {
    const stop = new AbortController();
    const probing = probe(stop.signal);
    for (const [i, name] of names.entries()) await make(name, bigSpec(i + 3, i % 5 === 4));
    await small('small', '1..2');
    await isPlanned('small', 15);
    await sweeps.completes('small');
    for (const name of names) await isPlanned(name, 240);
    const text = `307500 trials from 50 trainings, ${cellsOfBig} cells`;
    for (const name of names) expect((await sweeps.condition(name, 'Planned'))?.message).toBe(text);
    for (const name of names.filter((_, i) => i % 5 === 4)) expect((await sweeps.status(name)).phase).toBe('Suspended');
    // Nothing is held in memory for suspended ones.
    expect(await metric('ncsweep_planned_cells')).toBe(8 * cellsOfBig);
    await small('small-later', '11..12');
    await isPlanned('small-later', 15);
    await sweeps.completes('small-later');
    stop.abort();
    expect(await probing).toBe(0);
    expect(orchestrator.child.exitCode).toBeNull();
    expect(await peakMebibytes()).toBeLessThan(mostMebibytes);
  }, 600_000);

  it('are not planned again after a restart', async () => {
    const plans = await readdir(cacheFolder);
    expect(plans.length).toBeGreaterThanOrEqual(8);
    await orchestrator.stop('SIGKILL');
    orchestrator = await plane.orchestrator(environment);
    await vi.waitFor(async () => expect(await metric('ncsweep_planned_cells')).toBe(8 * cellsOfBig), within(90));
    expect((await readdir(cacheFolder)).sort()).toEqual(plans.sort());
    await small('small-last', '21..22');
    await sweeps.completes('small-last');
  }, 300_000);

  it('are refused where they are larger than the install allows, with the bound', async () => {
    await make('huge', bigSpec(2, false));
    const seed = { spec: { seed: ['1..500'] } };
    await plane.api.call('PATCH', `${sweepsOf('default')}/huge`, seed, 'application/merge-patch+json');
    const message = expect.stringMatching(/^more than 250000 cells, .*Remedy: split it by seed or architecture/) as string;
    await sweeps.says('huge', 'Planned', { status: 'False', reason: 'PlanTooLarge', message }, { seconds: 120 });
  }, 200_000);
});
