/** The controller on a real API server, NATS and S3; worker processes stand for pods. */
import { expectedFiles } from '@ncsweep/catalog/datasets';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readLedger } from '@ncsweep/orchestrator/engine/store/roots';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { keys } from '@ncsweep/protocol/keys';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { pushDataset } from '@ncsweep/protocol/store/push-dataset';
import { writeMnist } from '@ncsweep/worker/testing/data-files';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import type { KubeApi } from '../harness/kube-api.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let api: KubeApi;
let runner: PodRunner;
let orchestrator: Orchestrator;
let storeLocation = '';
beforeAll(async () => {
  plane = await ControlPlane.start();
  api = plane.api;
  await plane.installCrd();
  storeLocation = await plane.s3.bucket('lab-bucket');
  runner = new PodRunner(api, stubCompute);
  runner.start();
  orchestrator = await plane.orchestrator({ NCSWEEP_INSTALL: 'test', NCSWEEP_STORE: storeLocation });
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

const sweeps = sweepsOf('default');
const document = (name: string, more: object = {}) => ({
  apiVersion: 'ncsweep.dev/v1alpha1',
  kind: 'Sweep',
  metadata: { name },
  spec: {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed: ['1..3'],
    grids: [{ name: 'robustness', epoch: [1, 'last'], attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: [0, '4/255', '8/255'] }],
    execution: { parallelism: 3 },
    ...more,
  },
});
const make = (name: string, more?: object) => api.call('POST', sweeps, document(name, more));
const edit = (name: string, spec: object) => api.call('PATCH', `${sweeps}/${name}`, { spec }, 'application/merge-patch+json');
const statusOf = async (name: string): Promise<SweepStatus> =>
  ((await api.call('GET', `${sweeps}/${name}`)).body['status'] as SweepStatus | undefined) ?? {};
const condition = (status: SweepStatus | undefined, type: string) => status?.conditions?.find((each) => each.type === type);
const reaches = async (name: string, phase: string, timeout = 60_000): Promise<SweepStatus> =>
  vi.waitFor(
    async () => {
      const status = await statusOf(name);
      expect(status.phase, JSON.stringify({ status, logs: orchestrator.output().slice(-800) })).toBe(phase);
      return status;
    },
    { timeout, interval: 200 },
  );

describe('a Sweep', () => {
  it('runs to Complete, and every result is in the store', async () => {
    expect((await make('plain')).status).toBe(201);
    const status = await reaches('plain', 'Complete');
    expect(status.trials).toMatch(/^(\d+)\/\1$/);
    expect(condition(status, 'Complete')).toMatchObject({ status: 'True', reason: 'AllCommitted' });
    expect(condition(status, 'Failed')).toMatchObject({ status: 'False' });
    const { sweep } = readSweep({ bytes: new TextEncoder().encode(JSON.stringify(document('plain'))), file: 'x', set: [] });
    const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
    const { done } = await storeState(plan, await openStore(storeLocation, 'read'));
    expect(done.size).toBe(plan.cells.size);
    expect(status.counters).toMatchObject({ cells: plan.cells.size, done: plan.cells.size, parked: 0 });
  });

  it('whose report cannot be written says why', async () => {
    // The stub's results have no metrics.
    const check = async (): Promise<void> =>
      expect(condition(await statusOf('plain'), 'ReportReady')).toMatchObject({
        status: 'False',
        reason: 'RenderFailed',
        message: expect.stringMatching(/metrics/) as string,
      });
    await vi.waitFor(check, { timeout: 60_000, interval: 300 });
  });

  it('that asks for the same cells uses them, and makes no pod', async () => {
    await make('same');
    const status = await reaches('same', 'Complete');
    expect(status.counters?.cached).toBe(status.counters?.cells);
    expect([...runner.started.keys()].filter((name) => name.startsWith('same-'))).toEqual([]);
  });

  it('that means nothing is refused with the words of the command line', async () => {
    await make('wrong', { grids: [{ name: 'a', epoch: [99] }] });
    const status = await reaches('wrong', 'Invalid');
    expect(condition(status, 'Planned')).toMatchObject({ status: 'False', reason: 'InvalidSpec' });
    expect(condition(status, 'Planned')?.message).toMatch(/spec\.grids\[0\]\.epoch\[0\]/);
    await edit('wrong', { grids: [{ name: 'a', epoch: [1] }] });
    await reaches('wrong', 'Complete');
  });

  it('that names data of the store waits for it, and goes on by itself when it is pushed', async () => {
    await make('data', { dataset: [{ name: 'mnist', pushed: 'digits' }] });
    const status = await reaches('data', 'Invalid');
    expect(condition(status, 'Planned')).toMatchObject({ status: 'False', reason: 'DatasetUnresolved' });
    expect(condition(status, 'Planned')?.message).toContain('ncsweep dataset push digits FOLDER');
    const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-digits-'));
    await writeMnist(folder);
    const store = await openStore(storeLocation, 'write');
    const push = { name: 'digits', dataset: 'mnist', expected: expectedFiles('mnist'), folder, nowMs: Date.now() };
    const { digest } = await pushDataset(store, push);
    await reaches('data', 'Complete');
    const { metadata } = (await api.call('GET', `${sweeps}/data`)).body as unknown as { metadata: { uid: string } };
    expect((await readLedger(store, metadata.uid))?.sweep.datasets[0]?.params.digest).toBe(digest);
  });

  it('that is suspended gives back what it held and goes on when it is resumed', async () => {
    await make('paused', { seed: ['11..16'], execution: { parallelism: 2 } });
    await vi.waitFor(async () => expect((await statusOf('paused')).counters?.done ?? 0).toBeGreaterThan(0), {
      timeout: 30_000,
      interval: 50,
    });
    await edit('paused', { suspend: true });
    const status = await reaches('paused', 'Suspended');
    expect(condition(status, 'Suspended')).toMatchObject({ status: 'True', reason: 'BySpec' });
    await vi.waitFor(
      async () =>
        expect(
          (await api.call('GET', '/apis/batch/v1/namespaces/default/jobs?labelSelector=ncsweep.dev/sweep=paused')).body['items'],
        ).toEqual([]),
      { timeout: 10_000 },
    );
    await edit('paused', { suspend: false });
    await reaches('paused', 'Complete');
  });

  it('that wants the same cells as another at the same time shares the work: each cell is attempted once', async () => {
    const seed = ['71..76'];
    await Promise.all([make('one', { seed }), make('two', { seed })]);
    await Promise.all([reaches('one', 'Complete'), reaches('two', 'Complete')]);
    const bytes = new TextEncoder().encode(JSON.stringify(document('one', { seed })));
    const { sweep } = readSweep({ bytes, file: 'x', set: [] });
    const store = await openStore(storeLocation, 'read');
    for (const cellId of planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize).cells.keys()) {
      const starts: string[] = [];
      for await (const { key } of store.list(keys.attempts(cellId))) if (key.endsWith('/start.json')) starts.push(key);
      expect(starts.length, cellId).toBe(1);
    }
  });

  it('that is cancelled ends, and leaves another that wants the same cells whole', async () => {
    await Promise.all([make('left', { seed: ['21..25'] }), make('right', { seed: ['21..25'] })]);
    await edit('left', { cancelled: true });
    expect(condition(await reaches('left', 'Cancelled'), 'Failed')).toMatchObject({ status: 'True', reason: 'Cancelled' });
    await reaches('right', 'Complete');
  });

  it('survives kill −9 of its workers, and a new epsilon runs only what is new', async () => {
    await make('killed', { seed: ['31..34'] });
    for (let i = 0; i < 4; i++) {
      await pause(400);
      runner.kill();
    }
    const before = await reaches('killed', 'Complete');
    await edit('killed', {
      grids: [
        {
          name: 'robustness',
          epoch: [1, 'last'],
          attack: [{ name: 'fgsm', kind: 'fgsm' }],
          epsilon: [0, '4/255', '8/255', '12/255'],
        },
      ],
    });
    const after = await vi.waitFor(
      async () => {
        const status = await statusOf('killed');
        expect(status.observedGeneration).toBe(2);
        expect(status.phase).toBe('Complete');
        return status;
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(after.counters?.cached).toBe(before.counters?.cells);
    expect(after.counters!.cells - before.counters!.cells).toBe(4 * 2);
  });

  it('parks what diverges, finishes the rest, and says so', async () => {
    await make('diverging', { seed: [1, 4] }); // the stub's seed 4 diverges
    const status = await reaches('diverging', 'Failed');
    expect(condition(status, 'Failed')).toMatchObject({ status: 'True', reason: 'ParkedCells' });
    expect(condition(status, 'Complete')).toMatchObject({ status: 'False' });
    expect(status.failures).toEqual([expect.objectContaining({ class: 'nonFiniteLoss' })]);
    expect(status.counters?.parked).toBe(1);
  });

  it('is told about in events, and survives NATS losing everything', async () => {
    await make('wiped', { seed: ['41..44'] });
    await pause(700);
    await plane.nats.wipe();
    await reaches('wiped', 'Complete', 90_000);
    // The event follows the status.
    await vi.waitFor(async () => {
      const { body } = await api.call('GET', '/api/v1/namespaces/default/events');
      const events = body['items'] as { involvedObject: { name: string }; reason: string }[];
      const mine = events.filter(({ involvedObject }) => involvedObject.name === 'wiped');
      expect(mine.map(({ reason }) => reason)).toContain('AllCommitted');
    }, 10_000);
  });

  it('says that its store is away, and goes on when it is back', async () => {
    await make('away', { seed: ['301..330'] });
    await vi.waitFor(async () => expect((await statusOf('away')).counters?.done ?? 0).toBeGreaterThan(0), {
      timeout: 30_000,
      interval: 50,
    });
    await plane.s3.process.stop('SIGKILL');
    const isAway = async (): Promise<void> =>
      expect(condition(await statusOf('away'), 'StoreReady')).toMatchObject({ status: 'False', reason: 'Unreachable' });
    await vi.waitFor(isAway, { timeout: 60_000, interval: 300 });
    await plane.s3.process.restart();
    const status = await reaches('away', 'Complete', 90_000);
    expect(condition(status, 'StoreReady')).toMatchObject({ status: 'True' });
  }, 180_000);

  it('is made again after everything in its namespace and all of NATS were deleted: no finished cell runs again', async () => {
    const spec = { seed: ['81..92'], execution: { parallelism: 2 } };
    expect((await api.call('POST', '/api/v1/namespaces', { metadata: { name: 'doomed' } })).status).toBe(201);
    const doomed = sweepsOf('doomed');
    const makeIt = async (): Promise<void> => expect((await api.call('POST', doomed, document('again', spec))).status).toBe(201);
    const status = async (): Promise<SweepStatus> =>
      ((await api.call('GET', `${doomed}/again`)).body['status'] as SweepStatus | undefined) ?? {};
    await makeIt();
    await vi.waitFor(async () => expect((await status()).counters?.done ?? 0).toBeGreaterThan(4), {
      timeout: 60_000,
      interval: 50,
    });
    await api.call('DELETE', doomed);
    await plane.nats.wipe();
    const isEmpty = async (): Promise<void> => {
      for (const kind of [doomed, '/apis/batch/v1/namespaces/doomed/jobs', '/api/v1/namespaces/doomed/pods']) {
        const { body } = await api.call('GET', kind);
        expect(body['items'], JSON.stringify(body)).toEqual([]);
      }
    };
    await vi.waitFor(isEmpty, { timeout: 60_000, interval: 300 });
    const bytes = new TextEncoder().encode(JSON.stringify(document('again', spec)));
    const { sweep } = readSweep({ bytes, file: 'x', set: [] });
    const plan = planSweep(sweep, 'wasm', sweep.execution.evaluationBatchSize);
    const store = await openStore(storeLocation, 'read');
    const finished = [...(await storeState(plan, store)).done.keys()];
    expect(finished.length).toBeGreaterThan(4);
    expect(finished.length).toBeLessThan(plan.cells.size);
    const attempts = async (): Promise<number[]> => {
      const counts: number[] = [];
      for (const cellId of finished) {
        let count = 0;
        for await (const { key } of store.list(keys.attempts(cellId))) if (key.endsWith('/start.json')) count += 1;
        counts.push(count);
      }
      return counts;
    };
    const before = await attempts();
    await makeIt();
    await vi.waitFor(async () => expect((await status()).phase).toBe('Complete'), { timeout: 100_000, interval: 200 });
    expect(await attempts()).toEqual(before);
    expect((await status()).counters?.cached).toBe(finished.length);
  }, 300_000);
});
