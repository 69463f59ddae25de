/** What a namespace may hold, and how its Sweeps share it. */
import type { SweepStatus } from '@ncsweep/protocol/status';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
beforeAll(async () => {
  plane = await ControlPlane.start();
  await plane.installCrd();
  await plane.api.call('POST', '/api/v1/namespaces', { metadata: { name: 'lab' } });
  runner = new PodRunner(plane.api, stubCompute);
  runner.start();
  orchestrator = await plane.orchestrator({
    NCSWEEP_INSTALL: 'limits',
    NCSWEEP_STORE: await plane.s3.bucket('limits-bucket'),
    NCSWEEP_NAMESPACE_LIMITS: JSON.stringify({ perNamespace: { pods: 1 }, namespaces: { lab: { pods: 9, gpus: 4 } } }),
  });
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

async function make(name: string, seed: readonly string[]): Promise<void> {
  const gpu = { 'nvidia.com/gpu': 1 };
  const spec = {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed,
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { parallelism: 6, resources: { train: gpu, evaluate: gpu } },
  };
  const sweep = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name }, spec };
  const { status, body } = await plane.api.call('POST', sweepsOf('lab'), sweep);
  expect(status, body.message).toBe(201);
}
const statusOf = async (name: string): Promise<SweepStatus> =>
  ((await plane.api.call('GET', `${sweepsOf('lab')}/${name}`)).body['status'] as SweepStatus | undefined) ?? {};
const progressing = ({ conditions }: SweepStatus) => conditions?.find(({ type }) => type === 'Progressing');
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });
interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly phase: string };
}
async function workerPods(): Promise<number> {
  const { body } = await plane.api.call('GET', '/api/v1/namespaces/lab/pods?labelSelector=ncsweep.dev/wave');
  return ((body['items'] as Pod[] | undefined) ?? []).filter(({ status }) => /Pending|Running/.test(status.phase)).length;
}

it('a namespace never holds more than its limit; a Sweep that comes later gets its share, and is told what it waits for', async () => {
  let most = 0;
  const sampler = setInterval(() => void workerPods().then((count) => (most = Math.max(most, count))), 100);
  try {
    await make('first', ['600..699']);
    await vi.waitFor(async () => expect(await workerPods()).toBe(4), within(60));
    const text = (share: number): string =>
      `namespace lab may have 9 worker pods and 4 GPUs; the share of this sweep is ${share} workers`;
    await vi.waitFor(async () => expect(progressing(await statusOf('first'))?.message).toBe(text(4)), within(30));
    await make('second', ['800..815']);
    const waits = async (): Promise<void> =>
      expect(progressing(await statusOf('second'))).toMatchObject({
        status: 'False',
        reason: 'WaitingForQuota',
        message: text(2),
      });
    await vi.waitFor(waits, within(30));
    await vi.waitFor(async () => expect((await statusOf('second')).counters?.done ?? 0).toBeGreaterThan(0), within(60));
    expect((await statusOf('first')).phase).not.toBe('Complete');
    const complete = async (name: string): Promise<void> => expect((await statusOf(name)).phase).toBe('Complete');
    await vi.waitFor(() => complete('second'), within(100));
    await vi.waitFor(() => complete('first'), within(100));
    expect(most).toBe(4);
    const metrics = await orchestrator.metrics();
    expect(metrics).toMatch(/ncsweep_gpu_seconds_total\{namespace="lab",sweep="first"\} [1-9]/);
  } finally {
    clearInterval(sampler);
  }
}, 300_000);
