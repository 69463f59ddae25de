/** What only many nodes and real scheduling show: a thousand pods, preemption, quotas, drains; with kwok's simulated nodes. */
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { planOf, smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import { sweepsOf, type ControlPlane } from '../harness/control-plane.ts';
import { conflictsIn, numbersOf } from '../harness/pool-sweep.ts';
import { simulatedNamespace } from '../harness/simulated-nodes.ts';
import { stubScalars, stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let plane: ControlPlane;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  cluster = await Cluster.start('sim', { nodes: 8, namespaces: ['busy', 'small'] });
  ({ plane, sweeps } = cluster);
  await cluster.orchestrate();
}, 120_000);
afterAll(() => cluster.stop());

const progressing = (expected: object) => (status: SweepStatus) =>
  expect(status.conditions?.find(({ type }) => type === 'Progressing')).toMatchObject(expected);
const words = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
const patience = { timeout: 120_000, interval: 300 };
interface Pod {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}
const podsOf = async (namespace: string): Promise<Pod[]> =>
  ((await plane.api.call('GET', `/api/v1/namespaces/${namespace}/pods`)).body['items'] as Pod[] | undefined) ?? [];

it('pods that a quota refuses are reported with its words, and made when it allows', async () => {
  const quotas = '/api/v1/namespaces/small/resourcequotas';
  await plane.api.call('POST', quotas, { metadata: { name: 'none' }, spec: { hard: { 'requests.cpu': '0' } } });
  await sweeps.make('refused', smallSpec({ seed: [301] }), 'small');
  const message = words(/exceeded quota: none, requested: requests\.cpu/);
  await sweeps.has('refused', progressing({ reason: 'QuotaExceeded', message }), { namespace: 'small' });
  await plane.api.call('DELETE', `${quotas}/none`);
  await sweeps.completes('refused', 'small');
}, 400_000);

it('pods that more important ones preempt, and pods of a drained node, give back their tasks; nothing is lost', async () => {
  await plane.api.call('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'urgent' }, value: 1000 });
  const { hold } = cluster;
  const whole = { 'nvidia.com/gpu': 8 };
  // The seeds that are held end after the disturbances; the others are done before or between them.
  const execution = { parallelism: 4, resources: { train: whole, evaluate: whole } };
  const sweep = smallSpec({ seed: [stubSeeds.held, '310..330'], execution });
  hold.begin();
  await sweeps.make('preempted', sweep, 'busy');
  await sweeps.has('preempted', ({ counters }) => expect(counters?.done).toBeGreaterThan(2), { namespace: 'busy' });
  const victim = (await podsOf('busy')).find(({ status }) => status.phase === 'Running');
  const urgent = {
    metadata: { name: 'urgent' },
    spec: {
      priorityClassName: 'urgent',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'w', image: 'x', resources: { limits: { 'nvidia.com/gpu': '8' } } }],
    },
  };
  for (let i = 0; i < 8; i++)
    await plane.api.call('POST', `/api/v1/namespaces/${simulatedNamespace}/pods`, {
      ...urgent,
      metadata: { name: `urgent-${i}` },
    });
  const preempted = async (): Promise<void> => {
    const urgentPods = await podsOf(simulatedNamespace);
    expect(urgentPods.filter(({ status }) => status.phase === 'Running').length).toBe(8);
    const pods = await podsOf('busy');
    expect(pods.map(({ metadata }) => metadata.name)).not.toContain(victim?.metadata.name);
  };
  await vi.waitFor(preempted, patience);
  const insufficient = words(/Insufficient nvidia.com\/gpu/);
  await sweeps.has('preempted', progressing({ reason: 'Unschedulable', message: insufficient }), { namespace: 'busy' });
  for (let i = 0; i < 8; i++) await plane.api.call('DELETE', `/api/v1/namespaces/${simulatedNamespace}/pods/urgent-${i}`);
  const running = async (): Promise<Pod> => {
    const found = (await podsOf('busy')).find(({ status }) => status.phase === 'Running');
    expect(found).toBeDefined();
    return found!;
  };
  const { metadata, spec } = await vi.waitFor(running, patience);
  await plane.api.call(
    'PATCH',
    `/api/v1/nodes/${spec.nodeName}`,
    { spec: { unschedulable: true } },
    'application/merge-patch+json',
  );
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name } };
  await plane.api.call('POST', `/api/v1/namespaces/busy/pods/${metadata.name}/eviction`, eviction);
  hold.release();
  const { counters } = await sweeps.completes('preempted', 'busy');
  expect(counters).toMatchObject({ parked: 0, blocked: 0 });
  const plan = planOf('preempted', sweep);
  const store = await openStore(cluster.location, 'read');
  // The same numbers as from undisturbed workers.
  expect(await numbersOf({ plan, store })).toEqual(
    new Map([...plan.cells.keys()].map((cellId) => [cellId, stubScalars(cellId)])),
  );
  expect(await conflictsIn(store)).toEqual([]);
  await plane.api.call(
    'PATCH',
    `/api/v1/nodes/${spec.nodeName}`,
    { spec: { unschedulable: false } },
    'application/merge-patch+json',
  );
}, 500_000);

it('a thousand workers are one Job of a thousand pods, and the Sweep stays small', async () => {
  const execution = { parallelism: 1000, resources: { train: { cpu: '100m' } } };
  await sweeps.make('crowd', smallSpec({ seed: ['1000..1999'], execution }), simulatedNamespace);
  // The Job's own count: a list of a thousand pods, again and again, would cost the API server more than the pods.
  const jobs = `/apis/batch/v1/namespaces/${simulatedNamespace}/jobs`;
  const running = async (): Promise<void> => {
    const { body } = await plane.api.call('GET', jobs);
    expect(body['items'], cluster.log()).toMatchObject([{ status: { ready: 1000 } }]);
  };
  await vi.waitFor(running, { ...patience, timeout: 240_000 });
  const resource = await plane.api.call('GET', `${sweepsOf(simulatedNamespace)}/crowd`);
  expect(JSON.stringify(resource.body).length).toBeLessThan(8192);
  // Nothing runs in them: their Sweep is cancelled, and they go away.
  await sweeps.edit('crowd', { cancelled: true }, simulatedNamespace);
  const gone = async (): Promise<void> => {
    const workers = `/api/v1/namespaces/${simulatedNamespace}/pods?labelSelector=ncsweep.dev/wave&limit=1`;
    const { body } = await plane.api.call('GET', workers);
    expect((body['items'] as Pod[]).map(({ metadata }) => metadata.name)).toEqual([]);
  };
  await vi.waitFor(gone, { ...patience, timeout: 240_000 });
}, 500_000);
