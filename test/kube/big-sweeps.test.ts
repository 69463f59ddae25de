/** Sweeps of a hundred thousand cells beside a small one: nothing waits for them, and the orchestrator survives. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
let cacheFolder = '';
const orchestrate = async (): Promise<void> => {
  const { healthPort } = await cluster.orchestrate({ NCSWEEP_CACHE_FOLDER: cacheFolder });
  await vi.waitFor(() => fetch(`http://127.0.0.1:${healthPort}/healthz`), within(120));
};
beforeAll(async () => {
  cluster = await Cluster.start('big');
  ({ sweeps } = cluster);
  cacheFolder = await mkdtemp(path.join(tmpdir(), 'ncsweep-plans-'));
  await orchestrate();
});
afterAll(async () => {
  await cluster.stop();
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
const small = (name: string, seed: string): Promise<string> => sweeps.make(name, smallSpec({ seed: [seed] }));
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });
const isPlanned = (name: string): Promise<void> => sweeps.says(name, 'Planned', { status: 'True' }, { seconds: 400 });

/** The process's peak memory. */
async function peakMebibytes(): Promise<number> {
  const text = await readFile(`/proc/${cluster.orchestrator.child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1]) / 1024;
}
async function metric(name: string): Promise<number> {
  const text = await cluster.orchestrator.metrics();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}
/** Probes as a kubelet does. @returns how often there was no answer in time */
async function probe(stop: AbortSignal): Promise<number> {
  let failures = 0;
  while (!stop.aborted) {
    const answer = fetch(`http://127.0.0.1:${cluster.orchestrator.healthPort}/healthz`, { signal: AbortSignal.timeout(probeMs) });
    failures += await answer.then(
      ({ status }) => (status === 200 ? 0 : 1),
      () => 1,
    );
    await pause(1_000);
  }
  return failures;
}

const names = Array.from({ length: bigSweeps }, (_, i) => `big${i}`);
/** How many of the big ones are planned. */
async function planned(): Promise<number> {
  const conditions = await Promise.all(names.map((name) => sweeps.condition(name, 'Planned')));
  return conditions.filter((each) => each?.status === 'True').length;
}

describe('Sweeps of a hundred thousand cells', () => {
  it('hold no small one up, block no probe, and fit into the memory of the chart', async () => {
    const stop = new AbortController();
    const probing = probe(stop.signal);
    for (const [i, name] of names.entries()) await sweeps.make(name, bigSpec(i + 3, i % 5 === 4));
    await small('small', '1..2');
    await isPlanned('small');
    expect(await planned(), 'the small one, made last, waits for none of the big ones').toBeLessThan(bigSweeps);
    await sweeps.completes('small');
    for (const name of names) await isPlanned(name);
    const text = `307500 trials from 50 trainings, ${cellsOfBig} cells`;
    for (const name of names) expect((await sweeps.condition(name, 'Planned'))?.message).toBe(text);
    for (const name of names.filter((_, i) => i % 5 === 4)) expect((await sweeps.status(name)).phase).toBe('Suspended');
    // Nothing is held in memory for suspended ones.
    expect(await metric('ncsweep_planned_cells')).toBe(8 * cellsOfBig);
    await small('small-later', '11..12');
    await sweeps.completes('small-later');
    stop.abort();
    expect(await probing).toBe(0);
    expect(cluster.orchestrator.child.exitCode).toBeNull();
    expect(await peakMebibytes()).toBeLessThan(mostMebibytes);
  }, 600_000);

  it('are not planned again after a restart', async () => {
    const plans = await readdir(cacheFolder);
    expect(plans.length).toBeGreaterThanOrEqual(8);
    await cluster.orchestrator.stop('SIGKILL');
    await orchestrate();
    await vi.waitFor(async () => expect(await metric('ncsweep_planned_cells')).toBe(8 * cellsOfBig), within(240));
    expect((await readdir(cacheFolder)).sort()).toEqual(plans.sort());
    await small('small-last', '21..22');
    await sweeps.completes('small-last');
  }, 500_000);

  it('are refused where they are larger than the install allows, with the bound', async () => {
    await sweeps.make('huge', bigSpec(2, false));
    await sweeps.edit('huge', { seed: ['1..500'] });
    const message = expect.stringMatching(/^more than 250000 cells, .*Remedy: split it by seed or architecture/) as string;
    await sweeps.says('huge', 'Planned', { status: 'False', reason: 'PlanTooLarge', message }, { seconds: 400 });
  }, 500_000);
});
