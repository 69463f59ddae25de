import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitAll, commitFake, parkFake } from '@ncsweep/orchestrator/testing/fake-results';
import { ingest } from '@ncsweep/orchestrator/engine/ingest/ingest';
import { writeRoots } from '@ncsweep/orchestrator/engine/store/roots';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { summarize } from '@ncsweep/orchestrator/planning/plan/summary';
import { exampleSweep, grid } from '@ncsweep/catalog/testing/example-sweep';
import { NotFoundError } from '@ncsweep/protocol/errors';
import { DirectoryStore } from '@ncsweep/protocol/store/directory-store';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import yargs from 'yargs';
import type { CommandTools } from './command-tools.ts';
import { planCommand } from './plan.ts';
import { duration, planTable } from './plan-table.ts';
import { showCommand } from './show.ts';

const sweep = { ...exampleSweep, seeds: [1] };
const plan = planSweep(sweep, 'wasm', 100);
let folder: string;
let store: DirectoryStore;
let written: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ncsweep-plan-'));
  store = new DirectoryStore(folder);
  written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function run(...args: string[]): Promise<string> {
  const tools: CommandTools = {
    loadSweep: (_file, set) => Promise.resolve(set.includes('seed=[1,2]') ? { ...sweep, seeds: [1, 2] } : sweep),
    resolveBackend: (choice) => Promise.resolve(choice === 'native' ? 'native-cpu' : 'wasm'),
    defaultStore: folder,
    nats: { servers: undefined, credentialsFile: undefined, authorityFile: undefined, install: 'ncsweep' },
    program: 'ncsweep',
    commandLine: `ncsweep ${args.join(' ')}`,
    cacheFolder: '',
    environment: {},
  };
  written = '';
  const cli = yargs(args).strict().exitProcess(false).fail(false);
  await cli.command(planCommand(tools)).command(showCommand(tools)).parseAsync();
  return written;
}

describe('ncsweep plan', () => {
  it('prints what a first run would do', async () => {
    const text = await run('plan', 'a.yaml');
    expect(text).toMatch(/^example {3}838 trials from 4 grids \(24 requested twice, run once\)\n/);
    expect(text).toMatch(/snapshot +10 +0 +10 +[\d.]+ s \(.*\)\n/);
    expect(text).toMatch(/evaluate +88 +0 +88 /);
    expect(text).toContain('One pod per trial: 838 trainings, 838 attacks or clean passes. Here: 2 and 88.');
    expect(text).toContain('no earlier results: a default for wasm');
    expect(text).toContain('Claims this sweep can decide: 1 ✗  2 ✗  3 ✗  4 ✗\n  claims 1, 2, 3, 4 lack seed: [1..3]\n');
    expect(text).toMatch(/Backend wasm.*Changes nothing. Next: ncsweep run a.yaml\n$/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('says in one line that a sweep is not about the claims of the paper', () => {
    const nothingDone = { done: new Map(), parked: new Map<string, string>(), queued: new Set<string>() };
    const elsewhere = { ...sweep, trainings: sweep.trainings.slice(0, 1), grids: [grid('main', { layers: ['last'] })] };
    const text = planTable(summarize(planSweep(elsewhere, 'wasm', 100), nothingDone), 'ncsweep run b.yaml', '2 cores');
    expect(text).toMatch(/\nDecides none of the 4 claims of su2023; .*claims: none.*\nBackend/);
    expect(text).not.toContain('lack ');
  });

  it('repeats in the next command what makes the sweep another one', async () => {
    expect(await run('plan', 'a.yaml', '--set', 'training[AT].epochs=9', '--store', '/nowhere')).toMatch(
      /Next: ncsweep run a.yaml --set 'training\[AT\].epochs=9' --store \/nowhere\n$/,
    );
  });

  it('prints the documented JSON', async () => {
    await commitAll(plan, store);
    const json = JSON.parse(await run('plan', 'a.yaml', '-o', 'json', '--set', 'seed=[1,2]')) as Record<string, unknown>;
    expect(json).toMatchObject({
      v: 1,
      sweep: 'example',
      trials: 1676,
      askedTwice: 48,
      cells: { snapshot: 20, evaluate: 176 },
      trainings: 4,
      cached: 98,
      stored: { snapshot: 10, evaluate: 88 },
      toRun: { snapshot: 10, evaluate: 88 },
      podPerTrial: { train: 1676, evaluate: 1676 },
      backend: 'wasm',
      batchSize: 100,
      workers: 2,
      estimate: { basis: 'from 98 earlier results' },
      controls: { absent: ['a search without gradients'] },
    });
    expect(json).not.toHaveProperty('explain');
  });

  it('says when nothing is left to do', async () => {
    await commitAll(plan, store);
    expect(await run('plan', 'a.yaml')).toContain('Everything is in the store.');
    expect(await run('plan', 'a.yaml', '--backend', 'native')).toMatch(/snapshot +10 +0 +10/);
  });

  it('explains why cells run or not', async () => {
    await writeRoots(plan, store);
    const [zero, one] = plan.trainings[0]!.cells;
    await commitFake(plan, store, zero!.cellId);
    await parkFake(store, one!.cellId);
    const text = await run('plan', 'a.yaml', '--explain', '--set', 'seed=[1,2]');
    expect(text).toContain('1 cell parked after a failure');
    expect(text).toContain('parked: nonFiniteLoss: loss became NaN at step 12; --retry-failed runs it again (1 cell)');
    expect(text).toContain(`  ${one!.cellId.slice(0, 16)}  snapshot  plain seed 1 epoch 1\n`);
    expect(text).toMatch(/asked newly: .* \(98 cells\)/);
    expect(text).toContain('not in store: requested before, not finished');
    expect(text).toMatch(/\nSpec since the last run: 1 differ\n {2}seeds +1 +→ +1, 2\n/);
  });
});

describe('ncsweep show', () => {
  it('tells a trial of a sweep that was run', async () => {
    await writeRoots(plan, store);
    await commitAll(plan, store);
    const { trials } = await ingest(sweep, plan, store);
    const trial = trials.find((t) => t.attack === 'pgd10' && t.layer === 'conv2')!;
    const text = await run('show', trial.trialId);
    expect(text).toMatch(new RegExp(`^trial ${trial.trialId}\nrow +layer conv2`));
    expect(text).toContain(`nc1       ${trial.metrics['nc1']}`);
    expect(text).toMatch(/what +plain seed 1 epoch \d+ pgd10/);
    expect(text).toMatch(/metrics.parquet {2}\d+ bytes {2}sha256 [0-9a-f]{64}/);
    expect(JSON.parse(await run('show', trial.trialId, '-o', 'json'))).toMatchObject({ trialId: trial.trialId });
  });

  it('tells a failed cell with the tail of its log', async () => {
    const { cellId } = plan.trainings[0]!.cells[1]!;
    await parkFake(store, cellId);
    const text = await run('show', cellId, '--file', 'a.yaml');
    expect(text).toMatch(/state +parked: nonFiniteLoss: loss became NaN/);
    expect(text).toContain('last lines of its log\n  epoch 3 loss NaN\n');
  });

  it('reads ids of digits only as they are', async () => {
    await expect(run('show', '00123456')).rejects.toThrow(/^00123456: no trial or cell/);
    await expect(run('show', '123456')).rejects.toThrow(NotFoundError);
  });
});

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [12.34, '12 s'],
    [80, '80 s'],
    [210, '3.5 min'],
    [7200, '2 h'],
    [400_000, '4.6 days'],
  ])('%d s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
