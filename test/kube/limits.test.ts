/** What a namespace may hold, and how its Sweeps share it. */
import type { SweepStatus } from '@ncsweep/protocol/status';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec } from '../harness/cluster-sweeps.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

const namespace = 'lab';
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start('limits', { namespaces: [namespace] });
  const limits = { perNamespace: { pods: 1 }, namespaces: { [namespace]: { pods: 9, gpus: 4 } } };
  await cluster.orchestrate({ NCSWEEP_NAMESPACE_LIMITS: JSON.stringify(limits) });
}, 120_000);
afterAll(() => cluster.stop());

const gpu = { 'nvidia.com/gpu': 1 };
const make = (name: string, seed: readonly (string | number)[]): Promise<string> =>
  cluster.sweeps.make(
    name,
    smallSpec({ seed, execution: { parallelism: 6, resources: { train: gpu, evaluate: gpu } } }),
    namespace,
  );
const progressing = ({ conditions }: SweepStatus) => conditions?.find(({ type }) => type === 'Progressing');
interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly phase: string };
}
async function workerPods(): Promise<number> {
  const { body } = await cluster.plane.api.call('GET', '/api/v1/namespaces/lab/pods?labelSelector=ncsweep.dev/wave');
  return ((body['items'] as Pod[] | undefined) ?? []).filter(({ status }) => /Pending|Running/.test(status.phase)).length;
}

it('a namespace never holds more than its limit; a Sweep that comes later gets its share, and is told what it waits for', async () => {
  const { sweeps, hold, orchestrator } = cluster;
  const text = (share: number): string =>
    `namespace lab may have 9 worker pods and 4 GPUs; the share of this sweep is ${share} workers`;
  let most = 0;
  const sampler = setInterval(() => void workerPods().then((count) => (most = Math.max(most, count))), 100);
  try {
    // The first one cannot end before the second one has worked beside it.
    hold.begin();
    await make('first', ['600..699', stubSeeds.held]);
    await vi.waitFor(async () => expect(await workerPods(), cluster.log()).toBe(4), { timeout: 120_000, interval: 200 });
    await sweeps.has('first', (status) => expect(progressing(status)?.message).toBe(text(4)), { namespace });
    await make('second', ['800..807']);
    const waits = { status: 'False', reason: 'WaitingForQuota', message: text(2) };
    await sweeps.has('second', (status) => expect(progressing(status)).toMatchObject(waits), { namespace });
    await sweeps.completes('second', namespace);
    expect((await sweeps.status('first', namespace)).phase).not.toBe('Complete');
    hold.release();
    await sweeps.completes('first', namespace, 240);
    expect(most).toBe(4);
    const metrics = await orchestrator.metrics();
    expect(metrics).toMatch(/ncsweep_gpu_seconds_total\{namespace="lab",sweep="first"\} [1-9]/);
  } finally {
    clearInterval(sampler);
  }
}, 600_000);
