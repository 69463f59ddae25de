/** A Sweep that kubectl scales to zero, and back. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec } from '../harness/cluster-sweeps.ts';
import { serverProgram } from '../harness/server-process.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start('scale');
  await cluster.orchestrate();
}, 120_000);
afterAll(() => cluster.stop());

const scale = (replicas: number) =>
  promisify(execFile)(serverProgram('kube/kubectl'), [
    '--kubeconfig',
    cluster.plane.api.kubeconfig,
    'scale',
    'sweep/scaled',
    `--replicas=${replicas}`,
  ]);
const jobs = async (): Promise<unknown[]> =>
  (await cluster.plane.api.call('GET', '/apis/batch/v1/namespaces/default/jobs')).body['items'] as unknown[];

it('is suspended, keeps its plan and what is done, and goes on when it is scaled up again', async () => {
  const { sweeps, hold } = cluster;
  hold.begin();
  await sweeps.make('scaled', smallSpec({ seed: ['301..304', stubSeeds.held] }));
  await sweeps.works('scaled');
  await scale(0);
  await sweeps.says('scaled', 'Suspended', { status: 'True', reason: 'ByScaleToZero' });
  const status = await sweeps.status('scaled');
  expect(status).toMatchObject({ phase: 'Suspended', reason: 'ByScaleToZero' });
  await sweeps.says('scaled', 'Planned', { status: 'True' });
  await vi.waitFor(async () => expect(await jobs()).toEqual([]), { timeout: 120_000, interval: 200 });
  hold.release();
  await scale(4);
  await sweeps.completes('scaled');
}, 400_000);
