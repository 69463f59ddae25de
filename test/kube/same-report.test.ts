/** The same sweep on this machine and on a cluster, with real numerics: equal science files, the cluster's written by its own Job. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ncsweep } from '../harness/cli-run.ts';
import { Cluster } from '../harness/cluster.ts';
import { sweepsOf, type ControlPlane } from '../harness/control-plane.ts';

const sweep = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: same}
spec:
  dataset: [{name: prototypes, classes: 3, trainPerClass: 10, testPerClass: 5, imageSize: 8}]
  architecture: [{name: convnet, width: 4, depth: 2}]
  training:
    - {name: ST, epochs: 3, batchSize: 10, weightDecay: 0.01}
    - {name: AT, epochs: 2, batchSize: 10, attack: {steps: 2}}
  seed: [1..2]
  grids:
    - name: g
      epoch: [0, last]
      attack: [{name: pgd, kind: pgd, steps: 2}, {name: sign, kind: sign-noise}]
      epsilon: [0, 4/255, 8/255]
      split: [train, test]
  execution: {backend: wasm, parallelism: 2}
`;

let cluster: Cluster;
let plane: ControlPlane;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-same-'));
  cluster = await Cluster.start('same', { pods: {} });
  ({ plane } = cluster);
}, 120_000);
afterAll(async () => {
  await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

it('gives equal science files', async () => {
  const file = path.join(folder, 'same.yaml');
  await writeFile(file, sweep);
  const here = path.join(folder, 'here');
  const local = await ncsweep(['run', file, '--store', path.join(folder, 'store'), '--out', here]);
  expect(local.exitCode, local.stderr).toBe(0);

  const { sweeps } = cluster;
  await cluster.orchestrate();
  await plane.api.call('POST', sweepsOf('default'), parse(sweep));
  const published = ({ conditions }: SweepStatus): void =>
    expect(conditions?.find(({ type }) => type === 'ReportReady')).toMatchObject({ reason: 'Written' });
  const { phase, report } = await sweeps.has('same', published, { seconds: 300 });
  expect(phase).toBe('Complete');
  const store = await openStore(cluster.location, 'read');
  const prefix = report?.url?.replace(/^.*\/lab\//, '').replace(/index.html$/, '') ?? '';
  const files = ['results.csv', 'matrices.csv', 'report.md', 'tables/accuracy-train.tex'];
  for (const name of files) {
    const there = new TextDecoder().decode(await store.get(`${prefix}${name}`));
    expect(there, name).toBe(await readFile(path.join(here, name), 'utf8'));
  }
  const there = path.join(folder, 'there');
  const byName = await ncsweep(['report', 'same', '--kubeconfig', plane.api.kubeconfig, '--out', there], {
    environment: plane.s3.environment,
  });
  expect(byName.exitCode, byName.stderr).toBe(0);
  for (const name of files)
    expect(await readFile(path.join(there, name), 'utf8'), name).toBe(await readFile(path.join(here, name), 'utf8'));
  const environment = { ...plane.s3.environment, KUBECONFIG: plane.api.kubeconfig, NCSWEEP_STORE: path.join(folder, 'store') };
  const out = path.join(folder, 'pulled');
  const pulled = await ncsweep(['pull', 'sweep/same', '--where', 'training=AT', '--out', out], { environment });
  expect(pulled.exitCode, pulled.stderr).toBe(0);
  const weights = ['AT-seed-1-epoch-0', 'AT-seed-1-epoch-2', 'AT-seed-2-epoch-0', 'AT-seed-2-epoch-2'];
  expect((await readdir(path.join(out, 'weights'))).sort()).toEqual(weights.map((name) => `${name}.safetensors`));
  const one = ['training=AT', 'seed=1', 'epoch=last', 'attack=pgd', 'epsilon=8/255', 'split=test', 'layer=gap'];
  const what = ['--what', 'images,features', '--where', ...one, '--out', out];
  const arrays = await ncsweep(['pull', 'sweep/same', ...what], { environment });
  expect([arrays.exitCode, arrays.stdout], arrays.stderr).toEqual([0, expect.stringContaining('cell.json: 1 equal')]);
  const inFolder = ['cell.json', 'features', 'images.npy', 'labels.npy', 'logits.npy'];
  expect((await readdir(path.join(out, 'arrays/AT-seed-1-epoch-2-pgd-8-255-test'))).sort()).toEqual(inFolder);
  const diff = await ncsweep(['diff', 'same', 'sweep/same'], { environment });
  expect(diff.stdout, diff.stderr).toMatch(/A same \(here.*\nB same \(cluster, s3:.*\n(.*\n)*.*all their numbers are equal/);
  const annotations = { 'ncsweep.dev/report': 'once more' };
  const resource = `${sweepsOf('default')}/same`;
  await plane.api.call('PATCH', resource, { metadata: { annotations } }, 'application/merge-patch+json');
  await sweeps.has('same', (status) => {
    published(status);
    expect(status.report?.key).not.toBe(report?.key);
  });
  const verified = await ncsweep(['verify', 'sweep/same', '--sample', '4', '--kubeconfig', plane.api.kubeconfig], {
    environment: plane.s3.environment,
  });
  expect([verified.exitCode, verified.stdout], verified.stderr).toEqual([0, expect.stringContaining('4 of 4 verified')]);
}, 500_000);
