/** The life of an install in real pods: upgraded mid-sweep, uninstalled, restored from its bucket, and with bundled servers. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore, storeAt } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RealCluster, systemNamespace } from '../harness/real-cluster.ts';
import { freePort } from '../harness/server-process.ts';

let cluster: RealCluster;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-install-'));
  cluster = await RealCluster.start();
});
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

const sweep = (name: string, seeds: string): string => `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: ${name}}
spec:
  dataset: [{name: prototypes, classes: 3, trainPerClass: 40, testPerClass: 5, imageSize: 8}]
  architecture: [{name: convnet, width: 4, depth: 2}]
  training: [{name: ST, epochs: 20, batchSize: 10}]
  seed: ${seeds}
  grids:
    - {name: g, epoch: [1, last], attack: [{name: fgsm, kind: fgsm}], epsilon: [0, 8/255]}
  execution: {backend: wasm, parallelism: 1}
`;
async function apply(name: string, seeds: string): Promise<void> {
  const file = path.join(folder, `${name}.yaml`);
  await writeFile(file, sweep(name, seeds));
  await cluster.kubectl('apply', '-f', file);
}
const every = (seconds: number) => ({ timeout: seconds * 1000, interval: 300 });
const completes = (name: string): Promise<void> =>
  vi.waitFor(async () => expect(await cluster.kubectl('get', 'sweep', name)).toMatch(/Complete +(\d+)\/\1 +0/), every(300));
const statusOf = (name: string, jsonPath: string): Promise<string> =>
  cluster.kubectl('get', 'sweep', name, '-o', `jsonpath={.status.${jsonPath}}`);

/** The images of a sweep's worker Jobs that are there now: a finished Job is soon deleted, so look while its pods run. */
async function workerImages(name: string): Promise<readonly string[]> {
  const labels = `ncsweep.dev/sweep=${name},app.kubernetes.io/name=ncsweep-worker`;
  const jsonPath = '{.items[*].spec.template.spec.containers[0].image}';
  return (await cluster.kubectl('get', 'jobs', '-l', labels, '-o', `jsonpath=${jsonPath}`)).split(' ').filter(Boolean);
}

/** Maps each cell to the number of attempts that were started. */
async function starts(store: ObjectStore): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for await (const { key } of store.list('v1/cells/')) {
    const [, cellId] = /([0-9a-f]{64})\/[^/]+\/start\.json$/.exec(key) ?? [];
    if (cellId !== undefined) found.set(cellId, (found.get(cellId) ?? 0) + 1);
  }
  return found;
}

/** Long enough for an upgrade to finish while it runs. */
const longSweep = '["1..10"]';

describe('an install', () => {
  it('is upgraded in mid-sweep: new pods take over, and no cell is computed twice', async () => {
    const parts = [
      ['orchestrator', 'orchestrator'],
      ['worker', 'worker'],
      ['report', 'cli'],
    ] as const;
    for (const [, image] of parts) await cluster.node.tagImage(`ncsweep/${image}:0.1.0`, `ncsweep/${image}:next`);
    await apply('upgraded', longSweep);
    await vi.waitFor(async () => expect(await workerImages('upgraded')).toContain('ncsweep/worker:0.1.0'), every(120));
    await vi.waitFor(async () => expect(Number(await statusOf('upgraded', 'counters.done'))).toBeGreaterThan(1), every(120));
    await cluster.install(...parts.map(([part, image]) => `${part}.image=ncsweep/${image}:next`));
    const cells = Number(await statusOf('upgraded', 'counters.cells'));
    expect(Number(await statusOf('upgraded', 'counters.done'))).toBeLessThan(cells);
    await vi.waitFor(async () => expect(await workerImages('upgraded')).toContain('ncsweep/worker:next'), every(120));
    await completes('upgraded');
    const started = await starts(await openStore(cluster.storeLocation, 'read'));
    expect(started.size).toBe(cells);
    expect([...started.values()].filter((count) => count !== 1)).toEqual([]);
  });

  it('is uninstalled: Sweeps and their resource stay', async () => {
    await cluster.helm('uninstall', 'ncsweep', '--wait');
    expect(await cluster.kubectl('get', 'sweep', 'upgraded')).toMatch(/Complete/);
    expect(await cluster.kubectl('get', 'deployments', '-n', systemNamespace, '-o', 'name')).toBe('');
  });

  it('goes on from a copy of its bucket, with an empty NATS, and runs nothing again', async () => {
    const restored = await cluster.s3.bucket('restored');
    const [from, to] = [await openStore(cluster.storeLocation, 'read'), await storeAt(restored)];
    for await (const { key } of from.list('')) await to.put(key, (await from.get(key)) ?? new Uint8Array());
    const before = await starts(to);
    await cluster.nats.wipe();
    await cluster.kubectl('delete', 'sweep', 'upgraded');
    await cluster.install(`store.location=${restored}`);
    await apply('upgraded', longSweep);
    await completes('upgraded');
    expect(await statusOf('upgraded', 'counters.cached')).toBe(await statusOf('upgraded', 'counters.cells'));
    expect(await starts(to)).toEqual(before);
  });

  it('brings a small NATS and S3 of its own, whose credentials stay over upgrades and whose workers may no more than they need', async () => {
    const [nats, s3] = [await freePort(), await freePort()];
    const bundled = [
      ...[`bundled.nats.enabled=true`, `bundled.nats.port=${nats}`, `bundled.s3.enabled=true`, `bundled.s3.port=${s3}`],
      ...['bundled.s3.storage=', 'bundled.imagePullPolicy=Never', 'store.location=', 'store.secretName=', 'nats.servers='],
    ];
    await cluster.install(...bundled);
    const secrets = ['ncsweep-s3', 'ncsweep-nats-orchestrator', 'ncsweep-nats-worker', 'ncsweep-nats-server'];
    const kept = (): Promise<string> =>
      cluster.kubectl('-n', systemNamespace, 'get', 'secrets', ...secrets, '-o', 'jsonpath={.items[*].data}');
    const before = await kept();
    await cluster.install(...bundled);
    expect(await kept()).toBe(before);
    await apply('trial', '[7]');
    await completes('trial');
    await vi.waitFor(async () => expect(await statusOf('trial', 'report.url')).toMatch(/^s3:\/\/ncsweep\/sweeps\//), every(120));
    const log = await cluster.kubectl('-n', systemNamespace, 'logs', 'ncsweep-nats-0');
    expect(log.split('\n').filter((line) => /violation|authentication error/i.test(line))).toEqual([]);
  });
});
