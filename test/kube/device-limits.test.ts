/** Limits of a namespace in GPUs, where a device is a part of one: time-sliced by its plug-in, or a MIG slice; and where pods claim devices. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterSweeps, smallSpec } from '../harness/cluster-sweeps.ts';
import { ControlPlane, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { stubCompute } from '../harness/stub-seeds.ts';

const [shared, slice] = ['nvidia.com/gpu.shared', 'nvidia.com/mig-2g.20gb'];
let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  plane = await ControlPlane.start(1);
  await plane.installCrd();
  // As NVIDIA's device plug-in advertises two GPUs that it slices by time in four, and one that is cut into three parts.
  const amounts = { [shared]: '8', [slice]: '3' };
  const status = { capacity: amounts, allocatable: amounts };
  await plane.api.call('PATCH', '/api/v1/nodes/sim-0/status', { status }, 'application/merge-patch+json');
  for (const name of ['sliced', 'mig', 'claims']) await plane.api.call('POST', '/api/v1/namespaces', { metadata: { name } });
  runner = new PodRunner(plane.api, stubCompute);
  runner.start();
  orchestrator = await plane.orchestrator({
    NCSWEEP_INSTALL: 'devices',
    NCSWEEP_STORE: await plane.s3.bucket('devices-bucket'),
    NCSWEEP_NAMESPACE_LIMITS: JSON.stringify({ perNamespace: { gpus: 1 }, weights: { [shared]: 0.25, half: 0.5 } }),
  });
  sweeps = new ClusterSweeps(plane, () => orchestrator.output().slice(-1500));
}, 120_000);
afterAll(async () => {
  await orchestrator.stop();
  await runner.stop();
  await plane.stop();
});

interface Pod {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}
async function podsOf(namespace: string): Promise<Pod[]> {
  const { body } = await plane.api.call('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=ncsweep.dev/wave`);
  return (body['items'] as Pod[]).filter(({ status }) => /Pending|Running/.test(status.phase));
}
const device = (name: string): object => ({ resources: { train: { [name]: 1 }, evaluate: { [name]: 1 } } });
const claim = {
  ...device('nvidia.com/gpu'),
  podTemplate: { spec: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'half' }] } },
};

describe('a namespace that may have one GPU', () => {
  it.each<[string, object, number]>([
    ['sliced', device(shared), 4],
    ['mig', device(slice), 3],
  ])(
    '%s: has as many workers as parts of it, on one node at once, and completes',
    async (namespace, execution, workers) => {
      let most = 0;
      const sampler = setInterval(() => void podsOf(namespace).then((pods) => (most = Math.max(most, pods.length))), 100);
      try {
        const seed = namespace === 'sliced' ? ['501..540'] : ['551..580'];
        await sweeps.make('parts', smallSpec({ seed, execution: { parallelism: 8, ...execution } }), namespace);
        const works = async (): Promise<void> => {
          const running = (await podsOf(namespace)).filter(({ status }) => status.phase === 'Running');
          expect(running.map(({ spec }) => spec.nodeName)).toEqual(Array.from({ length: workers }, () => 'sim-0'));
        };
        await vi.waitFor(works, { timeout: 60_000, interval: 100 });
        const message = expect.stringMatching(/may have 1 GPU; the share of this sweep is \d workers?/) as string;
        await sweeps.says('parts', 'Progressing', { message }, { namespace });
        await sweeps.completes('parts', namespace, 150);
        expect(most).toBe(workers);
      } finally {
        clearInterval(sampler);
      }
    },
    240_000,
  );

  it('whose pods claim devices has none that claim more together', async () => {
    await sweeps.make('claimed', smallSpec({ seed: ['591..599'], execution: { parallelism: 8, ...claim } }), 'claims');
    // 1.5 GPUs a pod: one that it asks for, and half a one that it claims.
    const message = 'namespace claims may have 1 GPU; the share of this sweep is 0 workers';
    await sweeps.says('claimed', 'Progressing', { status: 'False', reason: 'WaitingForQuota', message }, { namespace: 'claims' });
    expect(await podsOf('claims')).toEqual([]);
  }, 60_000);
});
