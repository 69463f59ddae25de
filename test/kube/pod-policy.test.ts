/** A Sweep may specify for its pods only what the install allows; otherwise no Job is created. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ClusterSweeps, smallSpec } from '../harness/cluster-sweeps.ts';
import { ControlPlane, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
let sweeps: ClusterSweeps;
const environment: Record<string, string> = {};
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  runner = new PodRunner(plane.api, stubCompute);
  runner.start();
  for (const name of ['lab-bucket', 'builder'])
    await plane.api.call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name } });
  Object.assign(environment, { NCSWEEP_INSTALL: 'pods', NCSWEEP_STORE: await plane.s3.bucket('pods-bucket') });
  const policy = JSON.stringify({ serviceAccounts: ['lab-*'] });
  orchestrator = await plane.orchestrator({ ...environment, NCSWEEP_POD_POLICY: policy });
  sweeps = new ClusterSweeps(plane, () => orchestrator.output().slice(-1500));
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

const jobsOf = async (name: string): Promise<unknown[]> => {
  const selector = encodeURIComponent(`ncsweep.dev/sweep=${name}`);
  return (await plane.api.call('GET', `/apis/batch/v1/namespaces/default/jobs?labelSelector=${selector}`)).body[
    'items'
  ] as unknown[];
};
const withPods = (seed: number | string, spec: object): object =>
  smallSpec({ seed: [seed], execution: { parallelism: 1, podTemplate: { spec } } });

it('runs with what is allowed', async () => {
  await sweeps.make('allowed', withPods(1, { serviceAccountName: 'lab-bucket' }));
  await sweeps.completes('allowed');
});

it.each<[string, number, object, RegExp]>([
  [
    'account',
    2,
    { serviceAccountName: 'builder' },
    /serviceAccountName: podPolicy\.serviceAccounts allows lab-\*, found builder\. Remedy: /,
  ],
  [
    'evil',
    3,
    {
      priorityClassName: 'urgent',
      initContainers: [{ name: 'x', image: 'busybox', restartPolicy: 'Always' }],
      containers: [
        { name: 'worker', image: 'evil/image', command: ['sh', '-c', 'env'], envFrom: [{ secretRef: { name: 'any' } }] },
      ],
    },
    /priorityClasses allows nothing, found urgent.*secretRef\.name.*images allows nothing, found busybox.*command: podPolicy\.commands/s,
  ],
])('refuses what is not, and makes no pod: %s', async (name, seed, spec, message) => {
  await sweeps.make(name, withPods(seed, spec));
  const said = expect.stringMatching(message) as string;
  await sweeps.says(name, 'Planned', { status: 'False', reason: 'PodNotAllowed', message: said });
  expect((await sweeps.status(name)).phase).toBe('Invalid');
  expect(await jobsOf(name)).toEqual([]);
});

it.each<[string, number, object, RegExp]>([
  [
    'node-port',
    4,
    { containers: [{ name: 'worker', ports: [{ containerPort: 80, hostPort: 80 }] }] },
    /hostPort.*pods have no port on their node/s,
  ],
  ['system', 5, { priorityClassName: 'system-cluster-critical' }, /system-cluster-critical.*parts of Kubernetes/s],
])('refuses what no install can allow: %s', async (name, seed, spec, message) => {
  await orchestrator.stop();
  const all = { serviceAccounts: ['*'], priorityClasses: ['*'], secrets: ['*'], images: ['*'], commands: true };
  orchestrator = await plane.orchestrator({ ...environment, NCSWEEP_POD_POLICY: JSON.stringify(all) });
  await sweeps.make(name, withPods(seed, spec));
  const said = expect.stringMatching(message) as string;
  await sweeps.says(name, 'Planned', { status: 'False', reason: 'InvalidSpec', message: said });
  expect(await jobsOf(name)).toEqual([]);
});

it('stops a Sweep that a stricter policy forbids', async () => {
  await sweeps.make('stopped', withPods('101..160', { serviceAccountName: 'builder' }));
  const works = async (): Promise<void> => expect((await sweeps.status('stopped')).counters?.done ?? 0).toBeGreaterThan(0);
  await vi.waitFor(works, { timeout: 60_000, interval: 100 });
  await orchestrator.stop();
  orchestrator = await plane.orchestrator(environment);
  await sweeps.says('stopped', 'Planned', { status: 'False', reason: 'PodNotAllowed' });
  await vi.waitFor(async () => expect(await jobsOf('stopped')).toEqual([]), { timeout: 30_000, interval: 200 });
}, 200_000);
