/** The orchestrator as a process, two of them: the leader dies, the other goes on. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';

const sweeps = sweepsOf('default');
let plane: ControlPlane;
let runner: PodRunner;
let environment: Record<string, string> = {};
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  environment = { NCSWEEP_INSTALL: 'two', NCSWEEP_STORE: await plane.s3.bucket('two-bucket') };
  runner = new PodRunner(plane.api, { NCSWEEP_COMPUTE: fileURLToPath(new URL('../harness/stub-compute.ts', import.meta.url)) });
  runner.start();
}, 120_000);
afterAll(async () => {
  await runner.stop();
  await plane.stop();
});

const replica = (identity: string, more = {}): Promise<Orchestrator> =>
  plane.orchestrator({ ...environment, NCSWEEP_IDENTITY: identity, ...more });
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });

it('one leads; when it is killed in mid-sweep the other finishes, and nothing runs twice', async () => {
  const first = await replica('first');
  await vi.waitFor(() => expect(first.output()).toContain('"leads"'), within(20));
  const second = await replica('second');
  const spec = {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed: ['51..58', 2], // the stub's seed 2 is slow
    grids: [{ name: 'g', epoch: [1, 'last'], attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { parallelism: 2 },
  };
  await plane.api.call('POST', sweeps, {
    apiVersion: 'ncsweep.dev/v1alpha1',
    kind: 'Sweep',
    metadata: { name: 'handed-over' },
    spec,
  });
  const status = async (): Promise<{ phase?: string; counters?: { done: number } }> =>
    (await plane.api.call('GET', `${sweeps}/handed-over`)).body['status'] ?? {};
  await vi.waitFor(async () => expect((await status()).counters?.done ?? 0).toBeGreaterThan(0), within(30));
  expect((await fetch(`http://127.0.0.1:${second.healthPort}/readyz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${first.healthPort}/healthz`)).status).toBe(200);
  expect(second.output()).not.toContain('"leads"');
  await first.stop('SIGKILL');
  await vi.waitFor(() => expect(second.output()).toContain('"leads"'), within(40));
  await vi.waitFor(async () => expect((await status()).phase, second.output().slice(-800)).toBe('Complete'), within(60));
  const pools = new Set([...runner.started.keys()].map((name) => name.replace(/-\d+-/, '-')));
  expect(pools.size).toBe(2); // one a class
  expect(await second.stop()).toBe(0);
  const { body } = await plane.api.call('GET', '/apis/coordination.k8s.io/v1/namespaces/default/leases/ncsweep-two');
  expect(body['spec']).toMatchObject({ holderIdentity: '' });
}, 180_000);

it('says which setting is wrong', async () => {
  const { child, output } = await replica('third', { NCSWEEP_BACKEND: 'cuda' });
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(1);
  expect(output()).toMatch(/NCSWEEP_BACKEND: expected native-gpu \| native-cpu \| wasm, found \\"cuda/);
});
