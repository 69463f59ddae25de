/** Two orchestrator processes: the leader dies, and the other takes over. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import type { Orchestrator } from '../harness/control-plane.ts';
import { startNats } from '../harness/nats-server.ts';
import { freePort } from '../harness/server-process.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  cluster = await Cluster.start('two');
  ({ sweeps } = cluster);
}, 120_000);
afterAll(() => cluster.stop());

const patience = { timeout: 120_000, interval: 200 };
const leads = ({ output }: Orchestrator): Promise<void> =>
  vi.waitFor(() => expect(output()).toContain('"LeaderElected"'), patience);

it('one leads; when it is killed in mid-sweep the other finishes, and nothing runs twice', async () => {
  const first = await cluster.orchestrate({ NCSWEEP_IDENTITY: 'first' });
  await leads(first);
  const second = await cluster.orchestrate({ NCSWEEP_IDENTITY: 'second' });
  cluster.hold.begin();
  await sweeps.make('handed-over', smallSpec({ seed: ['51..54', stubSeeds.held] }));
  await sweeps.works('handed-over');
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${second.healthPort}/readyz`)).status).toBe(200), patience);
  expect((await fetch(`http://127.0.0.1:${first.healthPort}/healthz`)).status).toBe(200);
  expect(second.output()).not.toContain('"LeaderElected"');
  await first.stop('SIGKILL');
  await leads(second);
  cluster.hold.release();
  await sweeps.completes('handed-over');
  const pools = new Set([...cluster.runner.started.keys()].map((name) => name.replace(/-\d+-/, '-')));
  expect(pools.size).toBe(2); // one per class
  expect(await second.stop()).toBe(0);
  const { body } = await cluster.plane.api.call('GET', '/apis/coordination.k8s.io/v1/namespaces/default/leases/ncsweep-two');
  expect(body['spec']).toMatchObject({ holderIdentity: '' });
}, 400_000);

it('waits for NATS, and says so; its metrics tell what it does', async () => {
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  const environment = { NCSWEEP_IDENTITY: 'alone', NCSWEEP_INSTALL: 'alone', NCSWEEP_NATS: url };
  const waiting = await cluster.orchestrate(environment, cluster.plane.template(url));
  await sweeps.make('waits', smallSpec({ seed: [77] }));
  const message = expect.stringContaining(`127.0.0.1:${port}`) as string;
  await sweeps.says('waits', 'StreamReady', { reason: 'Unreachable', message });
  const late = await startNats(port);
  try {
    await sweeps.says('waits', 'StreamReady', { reason: 'Ready' });
    expect(await waiting.metrics()).toMatch(/ncsweep_leader 1/);
    const counted = /ncsweep_cells\{namespace="default",sweep="waits",state="waiting"\}/;
    await vi.waitFor(async () => expect(await waiting.metrics()).toMatch(counted), patience);
    await sweeps.completes('waits');
    const committed = /ncsweep_commits_total\{namespace="default",sweep="waits"\} [1-9]/;
    await vi.waitFor(async () => expect(await waiting.metrics()).toMatch(committed), patience);
    await sweeps.remove('waits');
    await vi.waitFor(async () => expect(await waiting.metrics()).not.toContain('sweep="waits"'), patience);
  } finally {
    expect(await waiting.stop()).toBe(0);
    await late.stop();
  }
}, 400_000);

it('says which setting is wrong', async () => {
  const { child, output } = await cluster.orchestrate({ NCSWEEP_BACKEND: 'cuda' });
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(1);
  expect(output()).toMatch(
    /NCSWEEP_BACKEND: expected torch-cuda \| native-gpu \| native-cpu \| torch-cpu \| wasm, found \\"cuda/,
  );
});
