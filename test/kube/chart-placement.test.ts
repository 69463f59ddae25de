/** Where the orchestrator's replicas run, as what, and with which labels: by Kubernetes' own scheduler on simulated nodes. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { collectionOf, renderChart, type ChartObject } from '../harness/chart.ts';
import { ControlPlane } from '../harness/control-plane.ts';
import { simulatedNamespace } from '../harness/simulated-nodes.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await ControlPlane.start(2);
  for (const node of ['sim-0', 'sim-1']) await takesPods(node, true);
  await plane.api.call('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'calm' }, value: 1000 });
});
afterAll(() => plane.stop());

interface Pod {
  readonly metadata: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly serviceAccountName: string;
    readonly priority: number;
    readonly imagePullSecrets?: readonly object[];
  };
}

const merge = 'application/merge-patch+json';
const deployment = `/apis/apps/v1/namespaces/${simulatedNamespace}/deployments/lab-orchestrator`;

/** Waits until a node takes pods, or none any more: it is ready and has no taint. */
async function takesPods(node: string, expected: boolean): Promise<void> {
  const look = async (): Promise<void> => {
    const { body } = await plane.api.call('GET', `/api/v1/nodes/${node}`);
    const { spec, status } = body as unknown as {
      spec: { taints?: object[] };
      status: { conditions?: { type: string; status: string }[] };
    };
    const isReady = status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false;
    expect(isReady && (spec.taints ?? []).length === 0).toBe(expected);
  };
  await vi.waitFor(look, { timeout: 120_000, interval: 200 });
}

/** Everything but the scheduler's own rules speaks for one of the nodes. */
const wantsTheFirst =
  'orchestrator.affinity={"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":100,"preference":' +
  '{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["sim-0"]}]}}]}}';

/** Installs the objects that the orchestrator's pods need. */
async function install(...setJson: string[]): Promise<void> {
  const set = ['store.location=s3://bucket/prefix', `nats.servers=${plane.nats.url}`];
  const objects = await renderChart({ namespace: simulatedNamespace, set, setJson });
  const needed = ({ kind, metadata }: ChartObject): boolean =>
    /^(ServiceAccount|ConfigMap|Deployment|PodDisruptionBudget)$/.test(kind) && metadata.name !== 'lab-test';
  for (const each of objects.filter(needed)) {
    const { status, body } = await plane.api.call('POST', collectionOf(each), each);
    expect([201, 409], body.message).toContain(status);
  }
}

/** The pods of the newest template, once all of them are scheduled and the earlier ones are gone. */
async function podsOnceSettled(replicas = 2): Promise<Pod[]> {
  let pods: Pod[] = [];
  const look = async (): Promise<void> => {
    const { body } = await plane.api.call('GET', deployment);
    const { metadata, status } = body as unknown as {
      metadata: { generation: number };
      status?: { observedGeneration?: number; updatedReplicas?: number; replicas?: number; availableReplicas?: number };
    };
    expect(status).toMatchObject({
      observedGeneration: metadata.generation,
      updatedReplicas: replicas,
      replicas,
      availableReplicas: replicas,
    });
    const found = await plane.api.call('GET', `/api/v1/namespaces/${simulatedNamespace}/pods`);
    pods = (found.body['items'] as Pod[]).filter(({ metadata: { deletionTimestamp } }) => deletionTimestamp === undefined);
    expect(pods).toHaveLength(replicas);
    expect(pods.map(({ spec }) => spec.nodeName)).not.toContain(undefined);
  };
  await vi.waitFor(look, { timeout: 120_000, interval: 200 });
  return pods;
}
const nodes = async (replicas?: number): Promise<string[]> =>
  (await podsOnceSettled(replicas)).map(({ spec }) => spec.nodeName ?? '').sort();

async function uninstall(): Promise<void> {
  await plane.api.call('DELETE', deployment, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' });
  const look = async (): Promise<void> => {
    const { body } = await plane.api.call('GET', `/api/v1/namespaces/${simulatedNamespace}/pods`);
    expect(body['items']).toEqual([]);
  };
  await vi.waitFor(look, { timeout: 120_000, interval: 200 });
}

/** New pods of the same kind, as after a change of the chart's values. */
const roll = (at: string) =>
  plane.api.call('PATCH', deployment, { spec: { template: { metadata: { annotations: { at } } } } }, merge);

describe('the replicas of the orchestrator', () => {
  it('never share a node where there are two, whatever speaks for one of them; also after a rollout', async () => {
    await install(wantsTheFirst);
    expect(await nodes()).toEqual(['sim-0', 'sim-1']);
    await roll('next');
    expect(await nodes()).toEqual(['sim-0', 'sim-1']);
    await plane.api.call('PATCH', deployment, { spec: { replicas: 3 } }, merge);
    expect(await nodes(3)).toEqual(['sim-0', 'sim-0', 'sim-1']);
    await uninstall();
  });

  it('both run where only one node takes them', async () => {
    await plane.api.call('PATCH', '/api/v1/nodes/sim-1', { spec: { unschedulable: true } }, merge);
    await takesPods('sim-1', false);
    await install();
    expect(await nodes()).toEqual(['sim-0', 'sim-0']);
    await roll('drained');
    expect(await nodes()).toEqual(['sim-0', 'sim-0']);
    await plane.api.call('PATCH', '/api/v1/nodes/sim-1', { spec: { unschedulable: false } }, merge);
    await takesPods('sim-1', true);
    await uninstall();
  });

  it('are replaced by others that need the same ports of their nodes', async () => {
    await install('hostNetwork=true');
    expect(await nodes()).toEqual(['sim-0', 'sim-1']);
    await roll('upgraded');
    expect(await nodes()).toEqual(['sim-0', 'sim-1']);
    await uninstall();
  });

  it('run as the scheduler likes when the install has no rule', async () => {
    await install(wantsTheFirst, 'orchestrator.topologySpreadConstraints=[]');
    expect(await nodes()).toEqual(['sim-0', 'sim-0']);
    await uninstall();
  });

  it('have the labels, annotations, account, priority and pull secrets that the install gives them', async () => {
    await install(
      'orchestrator.podLabels={"team":"platform"}',
      'orchestrator.podAnnotations={"example.org/scrape":"no"}',
      'orchestrator.priorityClassName="calm"',
      'serviceAccount={"create":true,"name":"runs-sweeps","annotations":{"eks.amazonaws.com/role-arn":"arn:aws:iam::1:role/lab"}}',
      'imagePullSecrets=[{"name":"pull"},{"name":"mirror"}]',
    );
    for (const { metadata, spec } of await podsOnceSettled()) {
      expect(metadata.labels).toMatchObject({ team: 'platform', 'app.kubernetes.io/component': 'orchestrator' });
      expect(metadata.annotations).toMatchObject({ 'example.org/scrape': 'no' });
      expect(spec).toMatchObject({
        serviceAccountName: 'runs-sweeps',
        priority: 1000,
        imagePullSecrets: [{ name: 'pull' }, { name: 'mirror' }],
      });
    }
    const account = await plane.api.call('GET', `/api/v1/namespaces/${simulatedNamespace}/serviceaccounts/runs-sweeps`);
    expect(account.body['metadata']).toMatchObject({
      annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/lab' },
    });
  });
});

it('an account that is there already gets the rights', async () => {
  const objects = await renderChart({
    set: ['store.location=s3://bucket/prefix', 'nats.servers=nats://nats:4222'],
    setJson: ['serviceAccount={"create":false,"name":"mine"}'],
  });
  const accounts = objects.filter(({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name !== 'lab-test');
  expect(accounts).toEqual([]);
  const bindings = objects.filter(({ kind, metadata }) => /Binding$/.test(kind) && metadata.name.startsWith('lab-orchestrator'));
  expect(bindings).toHaveLength(2);
  for (const each of bindings)
    expect(each).toMatchObject({ subjects: [{ kind: 'ServiceAccount', name: 'mine', namespace: 'lab' }] });
});
