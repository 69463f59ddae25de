/**
 * The compute program in PyTorch in real pods, on the CPU: killed, preempted and resumed. Only where the image is there, which takes
 * 4.8 GB and minutes to make: `scripts/images/build.sh worker-torch`.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { torchPython } from '@ncsweep/worker/backend/torch-python';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { imageFolder } from '../harness/cache-folder.ts';
import { processesOf } from '../harness/pod-processes.ts';
import { every, PodSweeps } from '../harness/pod-sweeps.ts';
import { RealCluster } from '../harness/real-cluster.ts';

const archive = path.join(imageFolder, 'worker-torch.tar');
const isThere = existsSync(archive) && torchPython() !== undefined;
if (!isThere)
  process.stdout.write(`SKIPPED test/pods/torch.test.ts: ${archive} is missing. Remedy: scripts/images/build.sh worker-torch\n`);

/** The costlier training, AT, is first and takes tens of seconds: after its second epoch it is killed and preempted. */
const sweep = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: on-torch}
spec:
  dataset: [{name: prototypes, classes: 3, trainPerClass: 40, testPerClass: 5, imageSize: 8}]
  architecture: [{name: convnet, width: 4, depth: 2}]
  training: [{name: ST, epochs: 40, batchSize: 10}, {name: AT, epochs: 600, batchSize: 10, attack: {steps: 2}}]
  seed: [61]
  grids:
    - {name: g, epoch: [1, 2, last], attack: [{name: pgd, kind: pgd, steps: 3}], epsilon: [0, 8/255], split: [train, test]}
  execution: {backend: torch-cpu, parallelism: 1, checkpointEverySeconds: 1}
`;

describe.skipIf(!isThere)('workers in PyTorch', () => {
  let cluster: RealCluster;
  let sweeps: PodSweeps;
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-torch-pods-'));
    cluster = await RealCluster.start(undefined, ['worker-torch']);
    sweeps = new PodSweeps(cluster, folder);
    const asked = ['train', 'evaluate'].flatMap((each) => [
      ...[`worker.resources.${each}.cpu=1000m`, `worker.resources.${each}.memory=3Gi`],
    ]);
    await cluster.install(...asked);
  }, 600_000);
  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  const keysBelow = async (prefix: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const { key } of (await sweeps.store()).list(prefix)) found.push(key);
    return found;
  };
  /** Waits until a training has written a checkpoint. */
  const trains = (): Promise<void> => vi.waitFor(async () => expect(await keysBelow('v1/ckpt/')).not.toEqual([]), every(120));

  const attempts = async (): Promise<number> =>
    (await keysBelow('v1/cells/')).filter((key) => key.endsWith('/start.json')).length;

  /** @returns the name of the pod that has taken over, and works */
  async function kill(): Promise<string> {
    const [killed, before] = [await sweeps.workers('on-torch'), await attempts()];
    for (const pod of killed) for (const { pid } of await processesOf(pod)) process.kill(pid, 'SIGKILL');
    return vi.waitFor(async () => {
      const [other] = (await sweeps.workers('on-torch')).filter((pod) => !killed.includes(pod));
      expect(await attempts()).toBeGreaterThan(before);
      expect(other).toBeDefined();
      return other!;
    }, every(120));
  }

  /** A pod of a higher priority takes the node, until the worker's has left it. */
  async function preempt(pod: string): Promise<void> {
    const cpus = await cluster.kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].status.allocatable.cpu}');
    const priority = { metadata: { name: 'urgent' }, value: 1000 };
    await cluster.api.call('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', priority);
    // The orchestrator keeps the rest.
    const resources = { requests: { cpu: `${Number(cpus) * 1000 - 600}m` } };
    const container = { name: 'urgent', image: 'localhost/pause:1', imagePullPolicy: 'Never', resources };
    const spec = { priorityClassName: 'urgent', hostNetwork: true, terminationGracePeriodSeconds: 0, containers: [container] };
    await cluster.api.call('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'urgent' }, spec });
    await cluster.kubectl('wait', '--for=delete', `pod/${pod}`, '--timeout=120s');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/urgent', '--timeout=60s');
    await cluster.kubectl('delete', 'pod', 'urgent');
  }

  it('are killed, preempted and resumed, and end with the science files of this machine', async () => {
    const file = path.join(folder, 'on-torch.yaml');
    await writeFile(file, sweep);
    const found = await sweeps.inPods('on-torch', file, async () => {
      await trains();
      await preempt(await kill());
    });
    const ends = (await keysBelow('v1/cells/')).filter((key) => key.endsWith('/end.json'));
    const store = await sweeps.store();
    const outcomes = await Promise.all(ends.map(async (key) => new TextDecoder().decode(await store.get(key))));
    expect(outcomes.filter((text) => text.includes('given-back')).length).toBeGreaterThan(0);
    expect(found).toEqual(await sweeps.here(file, 'on-torch'));
  }, 600_000);
});
