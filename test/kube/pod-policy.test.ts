/** A Sweep may specify for its pods only what the install allows; otherwise no Job is created. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  cluster = await Cluster.start('pods');
  for (const name of ['lab-bucket', 'builder'])
    await cluster.plane.api.call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name } });
  await cluster.orchestrate({ NCSWEEP_POD_POLICY: JSON.stringify({ serviceAccounts: ['lab-*'] }) });
  ({ sweeps } = cluster);
}, 120_000);
afterAll(() => cluster.stop());

const jobsOf = async (name: string): Promise<unknown[]> => {
  const selector = encodeURIComponent(`ncsweep.dev/sweep=${name}`);
  return (await cluster.plane.api.call('GET', `/apis/batch/v1/namespaces/default/jobs?labelSelector=${selector}`)).body[
    'items'
  ] as unknown[];
};
const withPods = (seed: readonly (number | string)[], spec: object): object =>
  smallSpec({ seed, execution: { parallelism: 1, podTemplate: { spec } } });

it('runs with what is allowed', async () => {
  await sweeps.make('allowed', withPods([1], { serviceAccountName: 'lab-bucket' }));
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
  await sweeps.make(name, withPods([seed], spec));
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
  ['system', 5, { priorityClassName: 'system-cluster-critical' }, /system-cluster-critical.*reserved for Kubernetes/s],
])('refuses what no install can allow: %s', async (name, seed, spec, message) => {
  await cluster.orchestrator.stop();
  const all = { serviceAccounts: ['*'], priorityClasses: ['*'], secrets: ['*'], images: ['*'], commands: true };
  await cluster.orchestrate({ NCSWEEP_POD_POLICY: JSON.stringify(all) });
  await sweeps.make(name, withPods([seed], spec));
  const said = expect.stringMatching(message) as string;
  await sweeps.says(name, 'Planned', { status: 'False', reason: 'InvalidSpec', message: said });
  expect(await jobsOf(name)).toEqual([]);
});

it('stops a Sweep that a stricter policy forbids', async () => {
  cluster.hold.begin();
  await sweeps.make('stopped', withPods(['101..104', stubSeeds.held], { serviceAccountName: 'builder' }));
  await sweeps.works('stopped');
  await cluster.orchestrator.stop();
  await cluster.orchestrate();
  await sweeps.says('stopped', 'Planned', { status: 'False', reason: 'PodNotAllowed' });
  await vi.waitFor(async () => expect(await jobsOf('stopped')).toEqual([]), { timeout: 120_000, interval: 200 });
}, 400_000);
