/** Sweeps may keep results only where the install allows it, whatever they name. */
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';
import { startSecuredS3, type SecuredS3 } from '../harness/secured-s3.ts';
import { SilentProxy } from '../harness/silent-proxy.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
/** Has different credentials from the install's store. */
let vision: SecuredS3;
/** Belongs to an attacker who collects signed requests. */
let collector: SilentProxy;
let folder = '';
let own = '';
const visionStore = (): string => `s3://vision/sweeps?endpoint=${vision.endpoint}&use_path_style=true`;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-policy-'));
  vision = await startSecuredS3();
  await vision.bucket('vision');
  const certificates = { NODE_EXTRA_CA_CERTS: vision.authority.files.authority };
  cluster = await Cluster.start('own', { namespaces: ['vision'], pods: { ...stubCompute, ...certificates } });
  ({ sweeps, location: own } = cluster);
  const secret = { metadata: { name: 'vision-s3' }, stringData: vision.administrator };
  await cluster.plane.api.call('POST', '/api/v1/namespaces/vision/secrets', secret);
  // The Secret, as the kubelet mounts it for the orchestrator.
  for (const [name, value] of Object.entries(vision.administrator)) await writeFile(path.join(folder, name), value);
  collector = await SilentProxy.start();
  const allowed = [{ location: visionStore(), namespaces: ['vision'], secretName: 'vision-s3', credentialsFolder: folder }];
  await cluster.orchestrate({ NCSWEEP_STORE_POLICY: JSON.stringify({ allowed }), ...certificates });
}, 120_000);
afterAll(async () => {
  await cluster.stop();
  await Promise.all([collector.stop(), vision.stop()]);
  await rm(folder, { recursive: true, force: true });
});

const make = (name: string, seed: number, location: string | undefined, namespace = 'default'): Promise<string> =>
  sweeps.make(name, smallSpec(location === undefined ? { seed: [seed] } : { seed: [seed], storage: { location } }), namespace);

describe('a Sweep keeps its results', () => {
  it.each<[string, number, () => string | undefined, () => string, string]>([
    ['own', 1, () => undefined, () => own, 'default'],
    [
      'below',
      2,
      () => 's3://own-bucket/lab/namespaces/default/x',
      () => own.replace('/lab?', '/lab/namespaces/default/x?'),
      'default',
    ],
    ['allowed', 3, () => 's3://vision/sweeps', visionStore, 'vision'],
  ])('where the install allows it: %s', async (name, seed, asked, expected, namespace) => {
    await make(name, seed, asked(), namespace);
    await sweeps.completes(name, namespace);
    expect((await sweeps.status(name, namespace)).store).toBe(expected());
  });

  it.each<[string, number, () => string]>([
    ['folder', 11, () => path.join(folder, 'of-the-orchestrator')],
    ['other-host', 12, () => `s3://own-bucket/lab?endpoint=http://127.0.0.1:${collector.port}&use_path_style=true`],
    ['other-bucket', 13, () => `s3://lab/x?endpoint=http://127.0.0.1:${collector.port}&use_path_style=true`],
    ['other-prefix', 14, () => own.replace('/lab?', '/tenant?')],
    ['other-namespace', 15, () => 's3://own-bucket/lab/namespaces/vision'],
    ['others-store', 16, () => 's3://vision/sweeps'],
  ])('nowhere else: %s', async (name, seed, location) => {
    await make(name, seed, location());
    const message = expect.stringMatching(
      /^storage\.location: expected s3:\/\/own-bucket\/lab or .*\. Remedy: leave it out/,
    ) as string;
    await sweeps.says(name, 'Planned', { status: 'False', reason: 'StoreNotAllowed', message });
    expect(await sweeps.status(name)).toMatchObject({ phase: 'Invalid', reason: 'StoreNotAllowed' });
  });

  it('and nobody elsewhere heard of it', async () => {
    expect(collector.connections).toBe(0);
    await expect(stat(path.join(folder, 'of-the-orchestrator'))).rejects.toThrow('ENOENT');
  });
});
