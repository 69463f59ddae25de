/** The Job of a report has what the install and the Sweep specify for pods, and it runs. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec, type ClusterSweeps } from '../harness/cluster-sweeps.ts';

let cluster: Cluster;
let sweeps: ClusterSweeps;
beforeAll(async () => {
  cluster = await Cluster.start('reports', { pods: {} });
  const { plane } = cluster;
  const overlay = { metadata: { labels: { cost: 'platform', team: 'none' } } };
  const template = JSON.stringify({ ...(JSON.parse(plane.template(plane.nats.url)) as object), overlay });
  await cluster.orchestrate({}, template);
  ({ sweeps } = cluster);
}, 120_000);
afterAll(() => cluster.stop());

interface Job {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly suspend?: boolean; readonly template: object };
}
const jobs = async (of: string, program: 'worker' | 'report'): Promise<Job[]> => {
  const selector = `ncsweep.dev/sweep=${of},app.kubernetes.io/name=ncsweep-${program}`;
  const { body } = await cluster.plane.api.call(
    'GET',
    `/apis/batch/v1/namespaces/default/jobs?labelSelector=${encodeURIComponent(selector)}`,
  );
  return body['items'] as Job[];
};

it('has the labels, tolerations and volumes of its sweep, and writes the report', async () => {
  const podTemplate = {
    metadata: { labels: { team: 'lab' }, annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' } },
    spec: { tolerations: [{ key: 'spot', operator: 'Exists' }], volumes: [{ name: 'more', emptyDir: {} }] },
  };
  await sweeps.make('labelled', smallSpec({ seed: [1], execution: { parallelism: 1, podTemplate } }));
  await sweeps.completes('labelled');
  await sweeps.says('labelled', 'ReportReady', { status: 'True', reason: 'Written' });
  const [report] = await jobs('labelled', 'report');
  expect(report?.spec.template).toMatchObject({
    metadata: { labels: { cost: 'platform', team: 'lab' }, annotations: podTemplate.metadata.annotations },
    spec: {
      tolerations: podTemplate.spec.tolerations,
      volumes: expect.arrayContaining([{ name: 'more', emptyDir: {} }]) as object,
    },
  });
});

it('waits in the queue of its sweep', async () => {
  await sweeps.make('queued', smallSpec({ seed: [2], execution: { parallelism: 1, queueName: 'gpu' } }));
  // There is no Kueue here to admit it, so each Job is released as soon as it is seen.
  const admit = async (program: 'worker' | 'report'): Promise<void> => {
    const waiting = await vi.waitFor(
      async () => {
        const found = (await jobs('queued', program)).find(({ spec }) => spec.suspend === true);
        expect(found, cluster.log()).toBeDefined();
        return found!;
      },
      { timeout: 120_000, interval: 200 },
    );
    expect(waiting.metadata.labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'gpu' });
    const { name } = waiting.metadata as unknown as { name: string };
    const path = `/apis/batch/v1/namespaces/default/jobs/${name}`;
    await cluster.plane.api.call('PATCH', path, { spec: { suspend: false } }, 'application/merge-patch+json');
  };
  const admitting = setInterval(() => void admit('worker').catch(() => undefined), 1000);
  try {
    await sweeps.completes('queued');
  } finally {
    clearInterval(admitting);
  }
  await admit('report');
  await sweeps.says('queued', 'ReportReady', { status: 'True', reason: 'Written' });
}, 400_000);
