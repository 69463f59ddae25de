/** A namespace with running Sweeps is deleted, while the install lives in another: the namespace is gone within two minutes. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ClusterSweeps, smallSpec } from '../harness/cluster-sweeps.ts';
import { RealCluster } from '../harness/real-cluster.ts';

let cluster: RealCluster;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  cluster = await RealCluster.start();
  sweeps = new ClusterSweeps(cluster, () => '');
});
afterAll(async () => {
  await cluster.stop();
});

/** Trains for minutes. */
const long = (seed: number, more: object): object =>
  smallSpec({
    dataset: [{ name: 'prototypes', classes: 3, imageSize: 8, trainPerClass: 200, testPerClass: 8 }],
    training: [{ name: 'ST', epochs: 2000, batchSize: 8 }],
    seed: [seed],
    ...more,
  });

/** What keeps a namespace from going away. */
async function left(namespace: string): Promise<string> {
  const said = await cluster.kubectl('get', 'namespace', namespace, '-o', 'jsonpath={.status.conditions[*].message}');
  const objects = await cluster.kubectl('-n', namespace, 'get', 'sweeps,jobs,pods', '-o', 'yaml');
  return `${said}\n${objects}`;
}

it.each([
  ['Delete', 1],
  ['Retain', 2],
])('a namespace whose Sweep has deletionPolicy %s is gone within two minutes', async (deletionPolicy, seed) => {
  const namespace = `gone-${deletionPolicy.toLowerCase()}`;
  await cluster.addNamespace(namespace);
  await sweeps.make('gone', long(seed, { deletionPolicy }), namespace);
  const works = async (): Promise<void> => expect((await sweeps.status('gone', namespace)).counters?.running).toBeGreaterThan(0);
  await vi.waitFor(works, { timeout: 120_000, interval: 200 });
  await cluster.kubectl('delete', 'namespace', namespace, '--wait=false');
  const isGone = async (): Promise<void> => {
    const { status } = await cluster.api.call('GET', `/api/v1/namespaces/${namespace}`);
    expect(status, status === 200 ? await left(namespace) : '').toBe(404);
  };
  await vi.waitFor(isGone, { timeout: 120_000, interval: 1000 });
});
