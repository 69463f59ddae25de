/** A Sweep that kubectl scales to zero, and back. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ClusterSweeps, smallSpec } from '../harness/cluster-sweeps.ts';
import { ControlPlane, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { serverProgram } from '../harness/server-process.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  runner = new PodRunner(plane.api, stubCompute);
  runner.start();
  orchestrator = await plane.orchestrator({ NCSWEEP_INSTALL: 'scale', NCSWEEP_STORE: await plane.s3.bucket('scale-bucket') });
  sweeps = new ClusterSweeps(plane, () => orchestrator.output().slice(-1500));
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

const scale = (replicas: number) =>
  promisify(execFile)(serverProgram('kube/kubectl'), [
    '--kubeconfig',
    plane.api.kubeconfig,
    'scale',
    'sweep/scaled',
    `--replicas=${replicas}`,
  ]);
const jobs = async (): Promise<unknown[]> =>
  (await plane.api.call('GET', '/apis/batch/v1/namespaces/default/jobs')).body['items'] as unknown[];

it('is suspended, keeps its plan and what is done, and goes on when it is scaled up again', async () => {
  await sweeps.make('scaled', smallSpec({ seed: ['301..340'] }));
  const works = async (): Promise<void> => expect((await sweeps.status('scaled')).counters?.done ?? 0).toBeGreaterThan(0);
  await vi.waitFor(works, { timeout: 60_000, interval: 100 });
  await scale(0);
  await sweeps.says('scaled', 'Suspended', { status: 'True', reason: 'ByScaleToZero' });
  const status = await sweeps.status('scaled');
  expect(status).toMatchObject({ phase: 'Suspended', reason: 'ByScaleToZero' });
  await sweeps.says('scaled', 'Planned', { status: 'True' });
  await vi.waitFor(async () => expect(await jobs()).toEqual([]), { timeout: 30_000, interval: 200 });
  await scale(4);
  await sweeps.completes('scaled');
}, 240_000);
