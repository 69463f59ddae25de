/** The controller on a real API server, NATS and S3; worker processes stand for pods. */
import { expectedFiles } from '@ncsweep/catalog/datasets';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPluginFolder } from 'ncsweep/plugins/plugin-folder';
import { storePlugin } from 'ncsweep/plugins/stored-plugins';
import { readLedger } from '@ncsweep/orchestrator/engine/store/roots';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { pushDataset } from '@ncsweep/protocol/store/push-dataset';
import { writeMnist } from '@ncsweep/worker/testing/data-files';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { planOf, smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import { sweepsOf } from '../harness/control-plane.ts';
import { attemptsOf } from '../harness/pool-sweep.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  cluster = await Cluster.start('lab');
  ({ sweeps } = cluster);
  await cluster.orchestrate();
}, 120_000);
afterAll(() => cluster.stop());

const grid = (...epsilon: readonly (number | string)[]): object => ({
  name: 'robustness',
  epoch: [1, 'last'],
  attack: [{ name: 'fgsm', kind: 'fgsm' }],
  epsilon,
});
const specOf = (more: object = {}): object =>
  smallSpec({ seed: ['1..3'], grids: [grid(0, '4/255', '8/255')], execution: { parallelism: 3 }, ...more });
const make = (name: string, more?: object): Promise<string> => sweeps.make(name, specOf(more));
const condition = (status: SweepStatus | undefined, type: string) => status?.conditions?.find((each) => each.type === type);
const items = async (resources: string): Promise<unknown> => (await cluster.plane.api.call('GET', resources)).body['items'];
const patience = { timeout: 120_000, interval: 200 };

describe('a Sweep', () => {
  it('runs to Complete, and every result is in the store', async () => {
    await make('plain');
    const status = await sweeps.completes('plain');
    expect(status.trials).toMatch(/^(\d+)\/\1$/);
    expect(condition(status, 'Complete')).toMatchObject({ status: 'True', reason: 'AllCommitted' });
    expect(condition(status, 'Failed')).toMatchObject({ status: 'False' });
    const plan = planOf('plain', specOf());
    const { done } = await storeState(plan, await openStore(cluster.location, 'read'));
    expect(done.size).toBe(plan.cells.size);
    expect(status.counters).toMatchObject({ cells: plan.cells.size, done: plan.cells.size, parked: 0 });
  });

  it('whose report cannot be written says why', async () => {
    // The stub's results have no metrics.
    const message = expect.stringMatching(/metrics/) as string;
    await sweeps.says('plain', 'ReportReady', { status: 'False', reason: 'RenderFailed', message });
  });

  it('that asks for the same cells uses them, and makes no pod', async () => {
    await make('same');
    const status = await sweeps.completes('same');
    expect(status.counters?.cached).toBe(status.counters?.cells);
    expect([...cluster.runner.started.keys()].filter((name) => name.startsWith('same-'))).toEqual([]);
  });

  it('that means nothing is refused with the words of the command line', async () => {
    await make('wrong', { grids: [{ name: 'a', epoch: [99] }] });
    const status = await sweeps.reaches('wrong', 'Invalid');
    expect(condition(status, 'Planned')).toMatchObject({ status: 'False', reason: 'InvalidSpec' });
    expect(condition(status, 'Planned')?.message).toMatch(/spec\.grids\[0\]\.epoch\[0\]/);
    await sweeps.edit('wrong', { grids: [{ name: 'a', epoch: [1] }] });
    await sweeps.completes('wrong');
  });

  it('that names data or a plug-in of the store waits for it, and goes on by itself when it is pushed', async () => {
    const uid = await make('data', { dataset: [{ name: 'mnist', pushed: 'digits' }] });
    const plugin = await readPluginFolder(fileURLToPath(new URL('../../sweeps/plug-ins/robust', import.meta.url)));
    const reference = `robust@sha256:${plugin.identity}`;
    const training = [{ name: 'MART', loss: 'plugin', part: 'robust/mart', params: { beta: 2 }, epochs: 2, batchSize: 8 }];
    const mi = { name: 'mi', kind: 'plugin', part: 'robust/mi-fgsm', params: { steps: 3 } };
    const grids = [{ name: 'g', attack: [mi], epsilon: ['4/255'] }];
    const execution = { parallelism: 1, backend: 'torch-cpu' };
    const pluggedUid = await make('plugged', { plugins: [reference], training, grids, execution });
    const waiting = await sweeps.reaches('plugged', 'Invalid');
    expect(condition(waiting, 'Planned')).toMatchObject({ status: 'False', reason: 'PluginUnresolved' });
    expect(condition(waiting, 'Planned')?.message).toMatch(/^plug-in robust@sha256:.*ncsweep plugin push FOLDER --store/);
    const status = await sweeps.reaches('data', 'Invalid');
    expect(condition(status, 'Planned')).toMatchObject({ status: 'False', reason: 'DatasetUnresolved' });
    expect(condition(status, 'Planned')?.message).toContain('ncsweep dataset push digits FOLDER');
    const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-digits-'));
    await writeMnist(folder);
    const store = await openStore(cluster.location, 'write');
    const push = { name: 'digits', dataset: 'mnist', expected: expectedFiles('mnist'), folder, nowMs: Date.now() };
    const { digest } = await pushDataset(store, push);
    await storePlugin(store, plugin);
    await sweeps.completes('data');
    await sweeps.completes('plugged');
    const planned = (await readLedger(store, pluggedUid))?.sweep;
    expect(planned?.grids[0]?.attacks[0]?.params).toMatchObject({ part: 'robust/mi-fgsm', params: { steps: 3, decay: 1 } });
    expect(planned?.trainings[0]?.params).toMatchObject({ part: 'robust/mart', params: { beta: 2 } });
    expect((await readLedger(store, uid))?.sweep.datasets[0]?.params.digest).toBe(digest);
  });

  it('that is suspended gives back what it held and goes on when it is resumed', async () => {
    cluster.hold.begin();
    await make('paused', { seed: ['11..14', stubSeeds.held], execution: { parallelism: 2 } });
    await sweeps.works('paused');
    await sweeps.edit('paused', { suspend: true });
    const status = await sweeps.reaches('paused', 'Suspended');
    expect(condition(status, 'Suspended')).toMatchObject({ status: 'True', reason: 'BySpec' });
    const jobs = '/apis/batch/v1/namespaces/default/jobs?labelSelector=ncsweep.dev/sweep=paused';
    await vi.waitFor(async () => expect(await items(jobs), cluster.log()).toEqual([]), patience);
    cluster.hold.release();
    await sweeps.edit('paused', { suspend: false });
    await sweeps.completes('paused');
  });

  it('that wants the same cells as another at the same time shares the work: each cell is attempted once', async () => {
    const seed = ['71..76'];
    await Promise.all([make('one', { seed }), make('two', { seed })]);
    await Promise.all([sweeps.completes('one'), sweeps.completes('two')]);
    const store = await openStore(cluster.location, 'read');
    for (const cellId of planOf('one', specOf({ seed })).cells.keys()) expect(await attemptsOf(store, cellId)).toHaveLength(1);
  });

  it('that is cancelled ends, and leaves another that wants the same cells whole', async () => {
    cluster.hold.begin();
    const seed = ['21..25', stubSeeds.held + 1];
    await Promise.all([make('left', { seed }), make('right', { seed })]);
    await sweeps.edit('left', { cancelled: true });
    const status = await sweeps.reaches('left', 'Cancelled');
    expect(condition(status, 'Failed')).toMatchObject({ status: 'True', reason: 'Cancelled' });
    cluster.hold.release();
    await sweeps.completes('right');
  });

  it('survives kill −9 of its workers, and a new epsilon runs only what is new', async () => {
    cluster.hold.begin();
    await make('killed', { seed: ['31..33', stubSeeds.held + 2] });
    await sweeps.works('killed');
    expect(cluster.runner.killAll()).toBeGreaterThan(0);
    cluster.hold.release();
    const before = await sweeps.completes('killed');
    await sweeps.edit('killed', { grids: [grid(0, '4/255', '8/255', '12/255')] });
    const after = await sweeps.has('killed', ({ observedGeneration, phase }) =>
      expect({ observedGeneration, phase }).toEqual({ observedGeneration: 2, phase: 'Complete' }),
    );
    expect(after.counters?.cached).toBe(before.counters?.cells);
    expect(after.counters!.cells - before.counters!.cells).toBe(4 * 2);
  });

  it('parks what diverges, finishes the rest, and says so', async () => {
    await make('diverging', { seed: [stubSeeds.plain, stubSeeds.diverges] });
    const status = await sweeps.reaches('diverging', 'Failed');
    expect(condition(status, 'Failed')).toMatchObject({ status: 'True', reason: 'ParkedCells' });
    expect(condition(status, 'Complete')).toMatchObject({ status: 'False' });
    expect(status.failures).toEqual([expect.objectContaining({ class: 'nonFiniteLoss' })]);
    expect(status.counters?.parked).toBe(1);
  });

  it('is told about in events, and survives NATS losing everything', async () => {
    cluster.hold.begin();
    await make('wiped', { seed: ['41..43', stubSeeds.held + 3] });
    await sweeps.works('wiped');
    await cluster.plane.nats.wipe();
    cluster.hold.release();
    await sweeps.completes('wiped');
    await sweeps.tells('wiped', { reason: 'AllCommitted' });
  });

  it('says that its store is away, and goes on when it is back', async () => {
    cluster.hold.begin();
    await make('away', { seed: ['301..330', stubSeeds.held + 4] });
    await sweeps.works('away');
    await cluster.plane.s3.process.stop('SIGKILL');
    await sweeps.says('away', 'StoreReady', { status: 'False', reason: 'Unreachable' });
    cluster.hold.release();
    await cluster.plane.s3.process.restart();
    const status = await sweeps.completes('away', 'default', 240);
    expect(condition(status, 'StoreReady')).toMatchObject({ status: 'True' });
  }, 500_000);

  it('is made again after everything in its namespace and all of NATS were deleted: no finished cell runs again', async () => {
    const namespace = 'doomed';
    const spec = specOf({ seed: ['81..84', stubSeeds.held + 5], execution: { parallelism: 2 } });
    expect((await cluster.plane.api.call('POST', '/api/v1/namespaces', { metadata: { name: namespace } })).status).toBe(201);
    cluster.hold.begin();
    await sweeps.make('again', spec, namespace);
    await sweeps.has('again', ({ counters }) => expect(counters?.done ?? 0).toBeGreaterThan(4), { namespace });
    await cluster.plane.api.call('DELETE', sweepsOf(namespace));
    await cluster.plane.nats.wipe();
    for (const kind of [
      sweepsOf(namespace),
      `/apis/batch/v1/namespaces/${namespace}/jobs`,
      `/api/v1/namespaces/${namespace}/pods`,
    ])
      await vi.waitFor(async () => expect(await items(kind), cluster.log()).toEqual([]), patience);
    const plan = planOf('again', spec);
    const store = await openStore(cluster.location, 'read');
    const finished = [...(await storeState(plan, store)).done.keys()];
    expect(finished.length).toBeGreaterThan(4);
    expect(finished.length).toBeLessThan(plan.cells.size);
    const attempts = () => Promise.all(finished.map((cellId) => attemptsOf(store, cellId)));
    const before = await attempts();
    cluster.hold.release();
    await sweeps.make('again', spec, namespace);
    const status = await sweeps.completes('again', namespace);
    expect(await attempts()).toEqual(before);
    expect(status.counters?.cached).toBe(finished.length);
  }, 500_000);
});
