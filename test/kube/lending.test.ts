/** Sweeps that want the same cells as one whose workers cannot work. */
import { fileURLToPath } from 'node:url';
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  await plane.api.call('POST', '/api/v1/namespaces', { metadata: { name: 'tenantb' } });
  runner = new PodRunner(plane.api, { NCSWEEP_COMPUTE: fileURLToPath(new URL('../harness/stub-compute.ts', import.meta.url)) });
  runner.start();
  orchestrator = await plane.orchestrator({ NCSWEEP_INSTALL: 'lends', NCSWEEP_STORE: await plane.s3.bucket('lends-bucket') });
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

async function make(name: string, namespace: string, execution: object): Promise<void> {
  const spec = {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed: ['1..3'],
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { parallelism: 2, ...execution },
  };
  const sweep = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name }, spec };
  const { status, body } = await plane.api.call('POST', sweepsOf(namespace), sweep);
  expect(status, body.message).toBe(201);
}
const statusOf = async (name: string, namespace: string): Promise<SweepStatus> =>
  ((await plane.api.call('GET', `${sweepsOf(namespace)}/${name}`)).body['status'] as SweepStatus | undefined) ?? {};
const progressing = async (name: string, namespace: string): Promise<Condition | undefined> =>
  (await statusOf(name, namespace)).conditions?.find(({ type }) => type === 'Progressing');
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });
const says = (name: string, namespace: string, reason: string, message: RegExp): Promise<void> =>
  vi.waitFor(async () => {
    const condition = await progressing(name, namespace);
    expect(condition, orchestrator.output().slice(-1500)).toMatchObject({ status: 'False', reason });
    expect(condition?.message).toMatch(message);
  }, within(30));

it('say whom they wait for, by name only in its namespace, and compute the cells themselves when it cannot', async () => {
  const noNode = { 'nvidia.com/gpu': 64 };
  await make('broken', 'default', { resources: { train: noNode, evaluate: noNode } });
  await says('broken', 'default', 'Unschedulable', /Insufficient nvidia.com\/gpu/);
  await Promise.all([make('same', 'default', {}), make('same', 'tenantb', {})]);
  await Promise.all([
    says('same', 'default', 'WaitsForSweep', /^waits for Sweep default\/broken, which computes the same cells/),
    says('same', 'tenantb', 'WaitsForSweep', /^waits for a Sweep of another namespace, which computes the same cells/),
  ]);
  const completes = (name: string, namespace: string): Promise<void> =>
    vi.waitFor(
      async () => expect((await statusOf(name, namespace)).phase, orchestrator.output().slice(-1500)).toBe('Complete'),
      within(90),
    );
  await Promise.all([completes('same', 'default'), completes('same', 'tenantb')]);
  // Whoever lent them has the results too.
  await completes('broken', 'default');
  expect(orchestrator.output()).toContain('"tasks were lent: the workers of their sweep do not work"');
}, 240_000);
