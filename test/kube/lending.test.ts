/** Sweeps that want the same cells as one whose workers cannot work. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClusterSweeps, smallSpec } from '../harness/cluster-sweeps.ts';
import { ControlPlane, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  await plane.api.call('POST', '/api/v1/namespaces', { metadata: { name: 'tenantb' } });
  runner = new PodRunner(plane.api, stubCompute);
  runner.start();
  orchestrator = await plane.orchestrator({ NCSWEEP_INSTALL: 'lends', NCSWEEP_STORE: await plane.s3.bucket('lends-bucket') });
  sweeps = new ClusterSweeps(plane, () => orchestrator.output().slice(-1500));
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

const words = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
const make = (name: string, namespace: string, execution: object): Promise<void> =>
  sweeps.make(name, smallSpec({ seed: ['1..3'], execution: { parallelism: 2, ...execution } }), namespace);
const says = (name: string, namespace: string, reason: string, message: RegExp): Promise<void> =>
  sweeps.says(name, 'Progressing', { status: 'False', reason, message: words(message) }, { namespace });

it('say whom they wait for, by name only in its namespace, and compute the cells themselves when it cannot', async () => {
  const noNode = { 'nvidia.com/gpu': 64 };
  await make('broken', 'default', { resources: { train: noNode, evaluate: noNode } });
  await says('broken', 'default', 'Unschedulable', /Insufficient nvidia.com\/gpu/);
  await Promise.all([make('same', 'default', {}), make('same', 'tenantb', {})]);
  await Promise.all([
    says('same', 'default', 'WaitsForSweep', /^waits for Sweep default\/broken, which computes the same cells/),
    says('same', 'tenantb', 'WaitsForSweep', /^waits for a Sweep of another namespace, which computes the same cells/),
  ]);
  await Promise.all([sweeps.completes('same'), sweeps.completes('same', 'tenantb')]);
  // The Sweep that lent them has the results too.
  await sweeps.completes('broken');
  expect(orchestrator.output()).toContain('"tasks were lent: the workers of their sweep do not work"');
}, 240_000);
