/** Limits of a namespace in GPUs, where a device is a part of one: time-sliced by its plug-in, or a MIG slice; and where pods claim devices. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec } from '../harness/cluster-sweeps.ts';

const [shared, slice] = ['nvidia.com/gpu.shared', 'nvidia.com/mig-2g.20gb'];
let cluster: Cluster;
beforeAll(async () => {
  cluster = await Cluster.start('devices', { nodes: 1, namespaces: ['sliced', 'mig', 'claims'] });
  // As NVIDIA's device plug-in advertises two GPUs that it slices by time in four, and one that is cut into three parts.
  const amounts = { [shared]: '8', [slice]: '3' };
  const status = { capacity: amounts, allocatable: amounts };
  await cluster.plane.api.call('PATCH', '/api/v1/nodes/sim-0/status', { status }, 'application/merge-patch+json');
  const limits = { perNamespace: { gpus: 1 }, weights: { [shared]: 0.25, half: 0.5 } };
  await cluster.orchestrate({ NCSWEEP_NAMESPACE_LIMITS: JSON.stringify(limits) });
}, 120_000);
afterAll(() => cluster.stop());

interface Pod {
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}
async function podsOf(namespace: string): Promise<Pod[]> {
  const { body } = await cluster.plane.api.call('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=ncsweep.dev/wave`);
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
        cluster.hold.begin();
        const seed = namespace === 'sliced' ? ['2501..2540'] : ['2551..2580']; // held
        await cluster.sweeps.make('parts', smallSpec({ seed, execution: { parallelism: 8, ...execution } }), namespace);
        const works = async (): Promise<void> => {
          const running = (await podsOf(namespace)).filter(({ status }) => status.phase === 'Running');
          expect(running.map(({ spec }) => spec.nodeName)).toEqual(Array.from({ length: workers }, () => 'sim-0'));
        };
        await vi.waitFor(works, { timeout: 120_000, interval: 100 });
        const message = expect.stringMatching(/may have 1 GPU; the share of this sweep is \d workers?/) as string;
        await cluster.sweeps.says('parts', 'Progressing', { message }, { namespace });
        cluster.hold.release();
        await cluster.sweeps.completes('parts', namespace, 150);
        expect(most).toBe(workers);
      } finally {
        clearInterval(sampler);
      }
    },
    400_000,
  );

  it('whose pods claim devices has none that claim more together', async () => {
    await cluster.sweeps.make('claimed', smallSpec({ seed: ['591..599'], execution: { parallelism: 8, ...claim } }), 'claims');
    // 1.5 GPUs a pod: one that it asks for, and half a one that it claims.
    const message = 'namespace claims may have 1 GPU; the share of this sweep is 0 workers';
    await cluster.sweeps.says(
      'claimed',
      'Progressing',
      { status: 'False', reason: 'WaitingForQuota', message },
      { namespace: 'claims' },
    );
    expect(await podsOf('claims')).toEqual([]);
  });
});
