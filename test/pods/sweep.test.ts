/** Sweeps in real pods: applied with kubectl and disturbed, they end with the same science files as on this machine. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processesOf } from '../harness/pod-processes.ts';
import { PodSweeps } from '../harness/pod-sweeps.ts';
import { RealCluster, systemNamespace } from '../harness/real-cluster.ts';

let cluster: RealCluster;
let sweeps: PodSweeps;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-pods-'));
  cluster = await RealCluster.start();
  sweeps = new PodSweeps(cluster, folder);
}, 240_000);
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

/** Takes seconds of training per seed; each name has its own seeds, so that nothing is cached. */
const sweep = (name: string, seed: number, epochs: number): string => `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: ${name}}
spec:
  dataset: [{name: prototypes, classes: 3, trainPerClass: 40, testPerClass: 5, imageSize: 8}]
  architecture: [{name: convnet, width: 4, depth: 2}]
  training: [{name: ST, epochs: ${epochs}, batchSize: 10}, {name: AT, epochs: ${epochs}, batchSize: 10, attack: {steps: 1}}]
  seed: [${seed}]
  grids:
    - {name: g, epoch: [1, last], attack: [{name: fgsm, kind: fgsm}], epsilon: [0, 8/255], split: [train, test]}
  execution: {backend: wasm, parallelism: 2, checkpointEverySeconds: 1}
`;

describe('a sweep in real pods', () => {
  it.each<[string, number, number, (name: string) => Promise<void>]>([
    ['undisturbed', 1, 6, () => Promise.resolve()],
    [
      'worker-killed',
      2,
      30,
      async (name) => {
        for (const pod of await sweeps.workers(name)) for (const { pid } of await processesOf(pod)) process.kill(pid, 'SIGKILL');
      },
    ],
    [
      'pods-evicted',
      3,
      30,
      async (name) => {
        for (const pod of await sweeps.workers(name))
          await cluster.api.call('POST', `/api/v1/namespaces/default/pods/${pod}/eviction`, {
            apiVersion: 'policy/v1',
            kind: 'Eviction',
            metadata: { name: pod },
          });
      },
    ],
    [
      'orchestrator-deleted',
      4,
      30,
      async () => {
        await cluster.kubectl('-n', systemNamespace, 'delete', 'pods', '--all', '--wait=false', '--grace-period=0', '--force');
      },
    ],
    ['nats-wiped', 5, 30, () => cluster.nats.wipe()],
  ])('%s: the same science files as on this machine', async (name, seed, epochs, trouble) => {
    const file = path.join(folder, `${name}.yaml`);
    await writeFile(file, sweep(name, seed, epochs));
    let happened = false;
    const found = await sweeps.inPods(name, file, async () => {
      await trouble(name);
      happened = true;
    });
    expect(happened).toBe(true);
    expect(found).toEqual(await sweeps.here(file, name));
  });
});
