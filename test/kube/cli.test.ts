/** The command line against a cluster. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { ncsweep } from '../harness/cli-run.ts';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import type { Hold } from '../harness/hold.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
let hold: Hold;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-cli-'));
  cluster = await Cluster.start('cli');
  ({ sweeps, hold } = cluster);
  await cluster.orchestrate();
}, 120_000);
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

const environment = () => ({ ...cluster.plane.s3.environment, KUBECONFIG: cluster.plane.api.kubeconfig });
const call = (...args: string[]) => ncsweep(args, { environment: environment() });

async function submit(name: string, seeds: readonly (number | string)[]): Promise<void> {
  const file = path.join(folder, `${name}.yaml`);
  const sweep = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name }, spec: smallSpec({ seed: seeds }) };
  await writeFile(file, stringify(sweep));
  const { exitCode, stdout, stderr } = await call('submit', file);
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain(`ncsweep watch ${name}`);
}

/** Seconds that `watch` may take: it ends with the sweep. */
const patience = '240';

describe('on a cluster, ncsweep', () => {
  it('submits, lists, shows and follows a sweep to its end', async () => {
    await submit('plain', [stubSeeds.plain]);
    const watched = await call('watch', 'plain', '--timeout', patience);
    expect(watched.exitCode, watched.stderr).toBe(0);
    expect(watched.stdout).toMatch(/plain {3}Complete {3}AllCommitted {3}(\d+)\/\1 trials/);
    expect((await call('status', 'plian')).stderr).toContain('did you mean "plain"?');
    expect((await call('list')).stdout).toMatch(/NAME +PHASE +TRIALS[^\n]*\nplain +Complete/);
    expect((await call('list', '-A', '-o', 'name')).stdout).toContain('sweep.ncsweep.dev/plain\n');
    expect((parse((await call('status', 'plain', '-o', 'yaml')).stdout) as SweepResource).status?.phase).toBe('Complete');
  });

  it('tells why cells were parked after their pods are gone, and tries them again', async () => {
    await submit('parked', [stubSeeds.plain + 100, stubSeeds.diverges]);
    const watched = await call('watch', 'parked', '--timeout', patience);
    expect(watched.exitCode).toBe(3);
    expect(watched.stdout).toMatch(/nonFiniteLoss: the loss is NaN/);
    const noPods = async (): Promise<void> =>
      expect((await call('logs', 'parked')).stdout).not.toMatch(/pod parked-(train|evaluate)/);
    await vi.waitFor(noPods, { timeout: 120_000, interval: 500 });
    const [failure] = (await sweeps.status('parked')).failures ?? [];
    expect((await call('logs', 'parked')).stdout).toMatch(/== cell [0-9a-f]{12} parked, nonFiniteLoss: the loss is NaN/);
    expect((await call('logs', 'parked', '--cell', failure?.cellId ?? '')).stdout).toContain('nonFiniteLoss');

    expect((await call('retry', 'parked', '--failed', '--class', 'unknown')).stdout).toContain('0 of 1 parked cells');
    const elsewhere = await call('retry', 'parked', '--failed', '--where', 'seed=101');
    expect(elsewhere.stdout, elsewhere.stderr).toContain('0 of 1 parked cells');
    const wrong = await call('retry', 'parked', '--failed', '--where', 'sed=4');
    expect([wrong.exitCode, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean "seed"?')]);
    const pods = (): number => [...cluster.runner.started.values()].reduce((sum, count) => sum + count, 0);
    const before = pods();
    expect((await call('retry', 'parked', '--failed')).stdout).toContain('1 of 1 parked cells are tried again');
    await vi.waitFor(() => expect(pods()).toBeGreaterThan(before), { timeout: 120_000, interval: 200 });
    expect((await call('watch', 'parked', '--timeout', patience)).exitCode).toBe(3); // it diverges again
  });

  it('suspends, resumes and cancels', async () => {
    hold.begin();
    await submit('slow', [stubSeeds.held + 1]);
    expect((await call('suspend', 'slow', '-o', 'name')).stdout).toBe('sweep.ncsweep.dev/slow\n');
    await sweeps.reaches('slow', 'Suspended');
    expect((await call('watch', 'slow', '--timeout', '1')).exitCode).toBe(124);
    expect(JSON.parse((await call('resume', 'slow', '-o', 'json')).stdout)).toMatchObject({ spec: { suspend: false } });
    await sweeps.reaches('slow', 'Running');
    await call('cancel', 'slow');
    await sweeps.reaches('slow', 'Cancelled');
    hold.release();
  });

  const live = (args: readonly string[], onOutput: (stdout: string) => void = () => undefined) =>
    ncsweep([...args, '--nats', cluster.plane.nats.url, '--install', 'cli'], { environment: environment(), onOutput });

  it('shows what workers do from their records', async () => {
    hold.begin();
    await submit('live', [stubSeeds.held + 2]);
    const releaseOnceFollowed = (stdout: string): void => {
      if (stdout.includes('"kind":"record"')) hold.release();
    };
    const watched = await live(['watch', 'live', '--json', '--timeout', patience], releaseOnceFollowed);
    expect(watched.exitCode, watched.stderr).toBe(0);
    const events = watched.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events[0]).toMatchObject({ kind: expect.stringMatching(/note|planned/) as string });
    const record = { kind: 'progress', step: 5, values: { loss: 0.2 } };
    expect(events).toContainEqual(
      expect.objectContaining({
        kind: 'record',
        worker: expect.stringMatching(/^live-train-/) as string,
        record: expect.objectContaining(record) as object,
      }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'stream', event: expect.objectContaining({ kind: 'committed' }) as object }),
    );
    expect(events.filter(({ kind }) => kind === 'records-lost')).toEqual([]);
    expect(events.at(-1)).toMatchObject({ kind: 'ended', phase: 'Complete', exitCode: 0 });
  });

  it('shows the status alone, and says so once, while NATS does not answer', async () => {
    hold.begin();
    await submit('unheard', [stubSeeds.held + 3]);
    const releaseOnceSaid = (stdout: string): void => {
      if (stdout.includes('only the status is shown')) hold.release();
    };
    const unheard = ['watch', 'unheard', '--nats', 'nats://127.0.0.1:1', '--timeout', patience];
    const watched = await ncsweep(unheard, { environment: environment(), onOutput: releaseOnceSaid });
    expect(watched.exitCode, watched.stderr).toBe(0);
    expect(watched.stdout.match(/NATS at nats:\/\/127\.0\.0\.1:1: .*only the status is shown/g)).toHaveLength(1);
    expect(watched.stdout).toMatch(/\d+ % .*\d+ (running|done|waiting)/);
    expect(watched.stdout).toMatch(/unheard {3}Complete {3}AllCommitted {3}(\d+)\/\1 trials/);
  });

  it('tells what a running attempt says', async () => {
    await submit('deaf', [stubSeeds.deaf]);
    const running = async (): Promise<string> => {
      const { stdout } = await live(['watch', 'deaf', '--json', '--timeout', '1']);
      const cellId = /"kind":"record",.*"cellId":"([0-9a-f]{64})"/.exec(stdout)?.[1];
      expect(cellId, stdout).toBeDefined();
      return cellId!;
    };
    const cellId = await vi.waitFor(running, { timeout: 120_000, interval: 300 });
    const { stdout, stderr } = await live(['logs', 'deaf', '--cell', cellId]);
    expect(stdout, stderr).toMatch(/== attempt \S+ of deaf-train-\S+ without an end\n\S+ {2}started\n/);
    await call('cancel', 'deaf');
  });

  it.each([
    ['a sweep that is not there', ['status', 'nope'], 4, /sweep nope: not in namespace default/],
    ['a context that is not there', ['list', '--context', 'nope'], 2, /no context nope .* there are: test/],
    ['a kubeconfig that is not there', ['list', '--kubeconfig', '/nope'], 2, /\/nope/],
    ['a file that means nothing', ['submit', fileURLToPath(new URL('../../package.json', import.meta.url))], 2, /apiVersion/],
  ])('refuses %s', async (_, args, code, message) => {
    const { exitCode, stderr } = await call(...args);
    expect(exitCode).toBe(code);
    expect(stderr).toMatch(message);
  });

  it('says what to do when the cluster does not answer', async () => {
    const config = path.join(folder, 'dead');
    const cluster = { server: 'https://127.0.0.1:1' };
    const content = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [{ name: 'x', cluster }],
      users: [{ name: 'x', user: {} }],
    };
    await writeFile(config, JSON.stringify(content));
    const { exitCode, stderr } = await call('list', '--kubeconfig', config);
    expect(exitCode).toBe(5);
    expect(stderr).toMatch(/127\.0\.0\.1:1.*Remedy/);
  });
});
