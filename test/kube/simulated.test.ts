/** What only many nodes and real scheduling show: a thousand pods, preemption, quotas, drains; with kwok's simulated nodes. */
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { Hold } from '../harness/hold.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { conflictsIn, numbersOf } from '../harness/pool-sweep.ts';
import { simulatedNamespace } from '../harness/simulated-nodes.ts';
import { stubCompute, stubScalars, stubSeeds } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let runner: PodRunner;
const hold = new Hold();
let orchestrator: Orchestrator;
let location = '';
beforeAll(async () => {
  plane = await ControlPlane.start(8);
  await plane.installCrd();
  for (const name of ['busy', 'small']) await plane.api.call('POST', '/api/v1/namespaces', { metadata: { name } });
  runner = new PodRunner(plane.api, { ...stubCompute, ...hold.environment });
  runner.start();
  location = await plane.s3.bucket('sim-bucket');
  orchestrator = await plane.orchestrator({ NCSWEEP_INSTALL: 'sim', NCSWEEP_STORE: location });
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
  hold.remove();
});

const sweepOf = (name: string, seed: readonly (number | string)[], execution: object) => ({
  apiVersion: 'ncsweep.dev/v1alpha1',
  kind: 'Sweep',
  metadata: { name },
  spec: {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed,
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution,
  },
});
async function submit(namespace: string, sweep: ReturnType<typeof sweepOf>): Promise<void> {
  const { status, body } = await plane.api.call('POST', sweepsOf(namespace), sweep);
  expect(status, body.message).toBe(201);
}
const statusOf = async (namespace: string, name: string): Promise<SweepStatus> =>
  ((await plane.api.call('GET', `${sweepsOf(namespace)}/${name}`)).body['status'] as SweepStatus | undefined) ?? {};
const progressing = async (namespace: string, name: string) =>
  (await statusOf(namespace, name)).conditions?.find(({ type }) => type === 'Progressing');
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 300 });
const completes = (namespace: string, name: string): Promise<void> =>
  vi.waitFor(async () => {
    const { phase, counters } = await statusOf(namespace, name);
    expect(phase, JSON.stringify(counters) + orchestrator.output().slice(-500)).toBe('Complete');
  }, within(100));
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
  await submit('small', sweepOf('refused', [301], {}));
  const refused = async (): Promise<void> =>
    expect(await progressing('small', 'refused')).toMatchObject({
      reason: 'QuotaExceeded',
      message: expect.stringMatching(/exceeded quota: none, requested: requests\.cpu/) as string,
    });
  await vi.waitFor(refused, within(60));
  await plane.api.call('DELETE', `${quotas}/none`);
  await completes('small', 'refused');
}, 180_000);

it('pods that more important ones preempt, and pods of a drained node, give back their tasks; nothing is lost', async () => {
  await plane.api.call('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'urgent' }, value: 1000 });
  const seeds = [stubSeeds.held, '310..360'];
  const whole = { 'nvidia.com/gpu': 8 };
  const sweep = sweepOf('preempted', seeds, { parallelism: 4, resources: { train: whole, evaluate: whole } });
  hold.begin();
  await submit('busy', sweep);
  const done = async (): Promise<void> => expect((await statusOf('busy', 'preempted')).counters?.done).toBeGreaterThan(2);
  await vi.waitFor(done, within(60));
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
  await vi.waitFor(preempted, within(60));
  const unschedulable = async (): Promise<void> =>
    expect(await progressing('busy', 'preempted')).toMatchObject({
      reason: 'Unschedulable',
      message: expect.stringMatching(/Insufficient nvidia.com\/gpu/) as string,
    });
  await vi.waitFor(unschedulable, within(60));
  for (let i = 0; i < 8; i++) await plane.api.call('DELETE', `/api/v1/namespaces/${simulatedNamespace}/pods/urgent-${i}`);
  const running = async (): Promise<Pod> => {
    const found = (await podsOf('busy')).find(({ status }) => status.phase === 'Running');
    expect(found).toBeDefined();
    return found!;
  };
  const { metadata, spec } = await vi.waitFor(running, within(60));
  await plane.api.call(
    'PATCH',
    `/api/v1/nodes/${spec.nodeName}`,
    { spec: { unschedulable: true } },
    'application/merge-patch+json',
  );
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: metadata.name } };
  await plane.api.call('POST', `/api/v1/namespaces/busy/pods/${metadata.name}/eviction`, eviction);
  hold.release();
  await completes('busy', 'preempted');
  expect((await statusOf('busy', 'preempted')).counters).toMatchObject({ parked: 0, blocked: 0 });
  const { sweep: read } = readSweep({ bytes: new TextEncoder().encode(JSON.stringify(sweep)), file: 'x', set: [] });
  const plan = planSweep(read, 'wasm', read.execution.evaluationBatchSize);
  const store = await openStore(location, 'read');
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
}, 240_000);

it('a thousand workers are one Job of a thousand pods, and the Sweep stays small', async () => {
  await submit(
    simulatedNamespace,
    sweepOf('crowd', ['1000..1999'], { parallelism: 1000, resources: { train: { cpu: '100m' } } }),
  );
  // The Job's own count: a list of a thousand pods, again and again, would cost the API server more than the pods.
  const jobs = `/apis/batch/v1/namespaces/${simulatedNamespace}/jobs`;
  const running = async (): Promise<void> => {
    const { body } = await plane.api.call('GET', jobs);
    expect(body['items'], orchestrator.output().slice(-800)).toMatchObject([{ status: { ready: 1000 } }]);
  };
  await vi.waitFor(running, within(240));
  const resource = await plane.api.call('GET', `${sweepsOf(simulatedNamespace)}/crowd`);
  expect(JSON.stringify(resource.body).length).toBeLessThan(8192);
  // Nothing runs in them: their Sweep is cancelled, and they go away.
  await plane.api.call(
    'PATCH',
    `${sweepsOf(simulatedNamespace)}/crowd`,
    { spec: { cancelled: true } },
    'application/merge-patch+json',
  );
  const gone = async (): Promise<void> => {
    const { body } = await plane.api.call('GET', `/api/v1/namespaces/${simulatedNamespace}/pods?limit=1`);
    expect((body['items'] as Pod[]).map(({ metadata }) => metadata.name)).toEqual([]);
  };
  await vi.waitFor(gone, within(240));
}, 500_000);
