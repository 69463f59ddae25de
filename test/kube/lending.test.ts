/** Sweeps that want the same cells as one whose workers cannot work. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec } from '../harness/cluster-sweeps.ts';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start('lends', { namespaces: ['tenantb'] });
  await cluster.orchestrate();
}, 120_000);
afterAll(() => cluster.stop());

const words = (pattern: RegExp): string => expect.stringMatching(pattern) as string;
const make = (name: string, namespace: string, execution: object): Promise<string> =>
  cluster.sweeps.make(name, smallSpec({ seed: ['1..3'], execution: { parallelism: 2, ...execution } }), namespace);
const says = (name: string, namespace: string, reason: string, message: RegExp): Promise<void> =>
  cluster.sweeps.says(name, 'Progressing', { status: 'False', reason, message: words(message) }, { namespace });

it('say whom they wait for, by name only in its namespace, and compute the cells themselves when it cannot', async () => {
  const noNode = { 'nvidia.com/gpu': 64 };
  await make('broken', 'default', { resources: { train: noNode, evaluate: noNode } });
  await says('broken', 'default', 'Unschedulable', /Insufficient nvidia.com\/gpu/);
  await Promise.all([make('same', 'default', {}), make('same', 'tenantb', {})]);
  await Promise.all([
    says('same', 'default', 'WaitsForSweep', /^waits for Sweep default\/broken, which computes the same cells/),
    says('same', 'tenantb', 'WaitsForSweep', /^waits for a Sweep of another namespace, which computes the same cells/),
  ]);
  await Promise.all([cluster.sweeps.completes('same'), cluster.sweeps.completes('same', 'tenantb')]);
  // The Sweep that lent them has the results too.
  await cluster.sweeps.completes('broken');
  expect(cluster.orchestrator.output()).toContain('"TasksLent"');
}, 240_000);
