/** Sweeps in real pods: applied with kubectl and disturbed, they end with the same science files as on this machine. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';
import { RealCluster, systemNamespace } from '../harness/real-cluster.ts';

let cluster: RealCluster;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-pods-'));
  cluster = await RealCluster.start();
});
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

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
const science = ['results.csv', 'matrices.csv', 'report.md', 'tables/accuracy-train.tex'];
const every = (seconds: number) => ({ timeout: seconds * 1000, interval: 300 });

const statusOf = async (name: string, jsonPath: string): Promise<string> =>
  cluster.kubectl('get', 'sweep', name, '-o', `jsonpath={.status.${jsonPath}}`);
const reportReady = 'conditions[?(@.type=="ReportReady")].reason';

/** Applies a sweep, lets `trouble` happen once some cells are done, and returns the science files of the report in the bucket. */
async function inPods(name: string, file: string, trouble: () => Promise<void>): Promise<ReadonlyMap<string, string>> {
  await cluster.kubectl('apply', '-f', file);
  await vi.waitFor(async () => expect(Number(await statusOf(name, 'counters.done'))).toBeGreaterThan(1), every(120));
  await trouble();
  const ended = async (): Promise<void> => {
    expect(await cluster.kubectl('get', 'sweep', name)).toMatch(/Complete +(\d+)\/\1 +0/);
    expect(await statusOf(name, reportReady)).toBe('Written');
  };
  await vi.waitFor(ended, every(300));
  const store = await openStore(cluster.storeLocation, 'read');
  const at = (await statusOf(name, 'report.url')).replace(/^.*\/lab\//, '').replace(/index.html$/, '');
  const files = new Map<string, string>();
  for (const each of science) files.set(each, new TextDecoder().decode(await store.get(`${at}${each}`)));
  return files;
}

async function here(file: string, name: string): Promise<ReadonlyMap<string, string>> {
  const out = path.join(folder, `${name}-here`);
  const { exitCode, stderr } = await ncsweep(['run', file, '--store', path.join(folder, 'store'), '--out', out]);
  expect(exitCode, stderr).toBe(0);
  const files = new Map<string, string>();
  for (const each of science) files.set(each, await readFile(path.join(out, each), 'utf8'));
  return files;
}

const workers = async (name: string): Promise<string[]> => {
  const selector = `ncsweep.dev/sweep=${name},app.kubernetes.io/name=ncsweep-worker`;
  const found = await cluster.kubectl('get', 'pods', '-l', selector, '--field-selector=status.phase=Running', '-o', 'name');
  const names = found
    .split('\n')
    .filter(Boolean)
    .map((each) => each.replace('pod/', ''));
  expect(names.length).toBeGreaterThan(0);
  return names;
};

/** The host's process ids of a pod's supervisor and compute process. */
async function processesOf(pod: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((each) => /^\d+$/.test(each))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`NCSWEEP_WORKER=${pod}`)) found.push(Number(pid));
  }
  return found;
}

describe('a sweep in real pods', () => {
  it.each<[string, number, number, (name: string) => Promise<void>]>([
    ['undisturbed', 1, 6, () => Promise.resolve()],
    [
      'worker-killed',
      2,
      30,
      async (name) => {
        for (const pod of await workers(name)) for (const pid of await processesOf(pod)) process.kill(pid, 'SIGKILL');
      },
    ],
    [
      'pods-evicted',
      3,
      30,
      async (name) => {
        for (const pod of await workers(name))
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
    const found = await inPods(name, file, async () => {
      await trouble(name);
      happened = true;
    });
    expect(happened).toBe(true);
    expect(found).toEqual(await here(file, name));
  });
});
