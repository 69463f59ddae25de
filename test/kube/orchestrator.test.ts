/** Two orchestrator processes: the leader dies, and the other takes over. */
import { once } from 'node:events';
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { startNats } from '../harness/nats-server.ts';
import { Hold } from '../harness/hold.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { freePort } from '../harness/server-process.ts';
import { stubCompute, stubSeeds } from '../harness/stub-seeds.ts';

const sweeps = sweepsOf('default');
let plane: ControlPlane;
let runner: PodRunner;
const hold = new Hold();
let environment: Record<string, string> = {};
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  environment = { NCSWEEP_INSTALL: 'two', NCSWEEP_STORE: await plane.s3.bucket('two-bucket') };
  runner = new PodRunner(plane.api, { ...stubCompute, ...hold.environment });
  runner.start();
}, 120_000);
afterAll(async () => {
  await runner.stop();
  await plane.stop();
  hold.remove();
});

const replica = (identity: string, more = {}, template?: string): Promise<Orchestrator> =>
  plane.orchestrator({ ...environment, NCSWEEP_IDENTITY: identity, ...more }, template);
const example = {
  apiVersion: 'ncsweep.dev/v1alpha1',
  kind: 'Sweep',
  metadata: { name: 'handed-over' },
  spec: {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed: ['51..58', stubSeeds.held],
    grids: [{ name: 'g', epoch: [1, 'last'], attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { parallelism: 2 },
  },
};
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });

it('one leads; when it is killed in mid-sweep the other finishes, and nothing runs twice', async () => {
  const first = await replica('first');
  await vi.waitFor(() => expect(first.output()).toContain('"became the leader"'), within(20));
  const second = await replica('second');
  hold.begin();
  await plane.api.call('POST', sweeps, example);
  const status = async (): Promise<{ phase?: string; counters?: { done: number } }> =>
    (await plane.api.call('GET', `${sweeps}/handed-over`)).body['status'] ?? {};
  await vi.waitFor(async () => expect((await status()).counters?.done ?? 0).toBeGreaterThan(0), within(30));
  expect((await fetch(`http://127.0.0.1:${second.healthPort}/readyz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${first.healthPort}/healthz`)).status).toBe(200);
  expect(second.output()).not.toContain('"became the leader"');
  await first.stop('SIGKILL');
  await vi.waitFor(() => expect(second.output()).toContain('"became the leader"'), within(40));
  hold.release();
  await vi.waitFor(async () => expect((await status()).phase, second.output().slice(-800)).toBe('Complete'), within(60));
  const pools = new Set([...runner.started.keys()].map((name) => name.replace(/-\d+-/, '-')));
  expect(pools.size).toBe(2); // one per class
  expect(await second.stop()).toBe(0);
  const { body } = await plane.api.call('GET', '/apis/coordination.k8s.io/v1/namespaces/default/leases/ncsweep-two');
  expect(body['spec']).toMatchObject({ holderIdentity: '' });
}, 180_000);

it('waits for NATS, and says so; its metrics tell what it does', async () => {
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  const waiting = await replica('alone', { NCSWEEP_INSTALL: 'alone', NCSWEEP_NATS: url }, plane.template(url));
  await plane.api.call('POST', sweeps, { ...example, metadata: { name: 'waits' }, spec: { ...example.spec, seed: [77] } });
  const streamReady = async (): Promise<Condition | undefined> => {
    const { body } = await plane.api.call('GET', `${sweeps}/waits`);
    return (body['status'] as SweepStatus | undefined)?.conditions?.find(({ type }) => type === 'StreamReady');
  };
  const says = async (reason: string): Promise<void> => expect((await streamReady())?.reason, waiting.output()).toBe(reason);
  await vi.waitFor(() => says('Unreachable'), within(60));
  expect((await streamReady())?.message).toContain(`127.0.0.1:${port}`);
  const late = await startNats(port);
  try {
    await vi.waitFor(() => says('Ready'), within(60));
    const phase = async (): Promise<string | undefined> =>
      ((await plane.api.call('GET', `${sweeps}/waits`)).body['status'] as SweepStatus).phase;
    expect(await waiting.metrics()).toMatch(/ncsweep_leader 1/);
    expect(await waiting.metrics()).toMatch(/ncsweep_cells\{namespace="default",sweep="waits",state="waiting"\}/);
    await vi.waitFor(async () => expect(await phase()).toBe('Complete'), within(60));
    expect(await waiting.metrics()).toMatch(/ncsweep_commits_total\{namespace="default",sweep="waits"\} [1-9]/);
    await plane.api.call('DELETE', `${sweeps}/waits`);
    await vi.waitFor(async () => expect(await waiting.metrics()).not.toContain('sweep="waits"'), within(20));
  } finally {
    expect(await waiting.stop()).toBe(0);
    await late.stop();
  }
}, 180_000);

it('says which setting is wrong', async () => {
  const { child, output } = await replica('third', { NCSWEEP_BACKEND: 'cuda' });
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(1);
  expect(output()).toMatch(/NCSWEEP_BACKEND: expected native-gpu \| native-cpu \| wasm, found \\"cuda/);
});
