/** The chart against a real API server: every object is accepted, its pods are admitted. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { backends } from '@ncsweep/catalog/backends';
import { reportJob, reportOptions, type ReportTemplate } from '@ncsweep/orchestrator/cluster/jobs/report-job';
import { waveJob, type WorkerTemplate } from '@ncsweep/orchestrator/cluster/jobs/wave-job';
import { waveOptions } from '@ncsweep/orchestrator/cluster/jobs/wave-options';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import { version } from '@ncsweep/protocol/version';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chart, collectionOf, renderChart, type ChartObject } from '../harness/chart.ts';
import { ControlPlane } from '../harness/control-plane.ts';
import type { KubeAnswer, KubeApi } from '../harness/kube-api.ts';
import { serverProgram } from '../harness/server-process.ts';

const file = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const run = promisify(execFile);
const root = file('../../');

let plane: ControlPlane;
let api: KubeApi;
beforeAll(async () => {
  plane = await ControlPlane.start();
  api = plane.api;
  for (const name of ['lab']) await api.call('POST', '/api/v1/namespaces', { metadata: { name } });
  const enforce = {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/enforce-version': 'latest',
  };
  await api.call('POST', '/api/v1/namespaces', { metadata: { name: 'restricted', labels: enforce } });
  await api.call('POST', '/api/v1/namespaces/restricted/serviceaccounts', { metadata: { name: 'default' } });
  for (const name of ['lab-orchestrator', 'lab-test'])
    await api.call('POST', '/api/v1/namespaces/lab/serviceaccounts', { metadata: { name } });
}, 120_000);
afterAll(() => plane.stop());

const render = (...set: string[]): Promise<ChartObject[]> =>
  renderChart({ set: ['store.location=s3://bucket/prefix', `nats.servers=${plane.nats.url}`, ...set] });
const create = (document: ChartObject, query = ''): Promise<KubeAnswer> =>
  api.call('POST', `${collectionOf(document)}?fieldValidation=Strict${query}`, document);

describe('the chart', () => {
  it.each([
    ['for the cluster', []],
    ['for one namespace', ['clusterWide=false']],
    ['with network policies', ['networkPolicy.enabled=true', 'networkPolicy.namespaces={lab,restricted}']],
    [
      'with network policies for what goes out',
      [
        'networkPolicy.enabled=true',
        'networkPolicy.egress.enabled=true',
        'networkPolicy.egress.allow[0].ports[0].port=4222',
        'networkPolicy.egress.allow[0].to[0].ipBlock.cidr=10.0.0.0/8',
      ],
    ],
    ['with metrics for others', ['metrics.service.enabled=true', 'networkPolicy.enabled=true']],
    ['as another account', ['serviceAccount.create=false', 'serviceAccount.name=mine']],
    [
      'with servers of its own',
      ['bundled.nats.enabled=true', 'bundled.s3.enabled=true', 'store.location=', 'nats.servers=', 'networkPolicy.enabled=true'],
    ],
    ['beside another install', ['crd.enabled=false', 'clusterWide=false']],
    [
      'with every secret',
      [
        'store.secretName=s3',
        'nats.credentialsSecretName=nats',
        'nats.authorityConfigMapName=ca',
        'imagePullSecrets[0].name=pull',
        'worker.priorityClassName=low',
      ],
    ],
  ])('makes objects that the API server accepts: %s', async (_, set) => {
    for (const document of await render(...set)) {
      const { status, body } = await create(document, '&dryRun=All');
      // A pod is looked at only when its account exists, so accounts are there already.
      const expected = document.kind === 'ServiceAccount' ? [201, 409] : [201];
      expect(expected, `${document.kind} ${document.metadata.name}: ${body.message}`).toContain(status);
    }
  });

  it.each([
    ['no store', 'store.location=', /store\.location: where results are kept/],
    ['no NATS', 'nats.servers=', /nats\.servers: where NATS is/],
    ['a directory as store', 'store.location=/data', /store.location/],
    ['a store beside the one it brings', 'bundled.s3.enabled=true', /store.location/],
    ['an unknown value', 'wroker.image=x', /wroker/],
    [
      'egress to nowhere',
      'networkPolicy.enabled=true,networkPolicy.egress.enabled=true',
      /networkPolicy\.egress\.allow: where NATS/,
    ],
    ['an account that is neither made nor named', 'serviceAccount.create=false', /serviceAccount\.name: the account/],
    ['pull secrets as text', 'imagePullSecrets={pull}', /imagePullSecrets/],
    ['a label that selects the pods', 'orchestrator.podLabels.app\\.kubernetes\\.io/name=mine', /podLabels/],
    ['an unknown backend', 'worker.backend=cuda', /backend/],
    ['an image for an unknown backend', 'worker.images.cuda=worker:1', /worker\/images.*cuda/],
  ])('refuses %s', async (_, set, message) => {
    await expect(render(set)).rejects.toThrow(message);
  });

  it('passes helm lint as it is', async () => {
    const { stdout } = await run(serverProgram('helm'), ['lint', chart]);
    expect(stdout).toContain('1 chart(s) linted, 0 chart(s) failed');
  });

  it('gives a start ten minutes, in which liveness is not asked for', async () => {
    const deployment = (await render()).find(({ kind }) => kind === 'Deployment') as unknown as Deployment;
    const [{ startupProbe, livenessProbe }] = deployment.spec.template.spec.containers;
    expect(startupProbe.httpGet).toEqual(livenessProbe.httpGet);
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(600);
  });

  it('pulls every image from the registry that it is told', async () => {
    const deployment = JSON.stringify(
      (await render('registry=mirror.example.org/lab')).find(({ kind }) => kind === 'Deployment'),
    );
    expect(deployment).toContain('"image":"mirror.example.org/lab/ncsweep/orchestrator:');
    expect(JSON.parse(await templateOf('registry=mirror.example.org/lab'))).toMatchObject({
      image: expect.stringMatching(/^mirror\.example\.org\/lab\/ncsweep\/worker-gpu:/) as string,
      report: { image: expect.stringMatching(/^mirror\.example\.org\/lab\/ncsweep\/cli:/) as string },
    });
    expect(JSON.parse(await templateOf())).toMatchObject({ image: expect.stringMatching(/^ncsweep\/worker-gpu:/) as string });
  });

  it('names for every backend the image that has it, one for all where it is told so, and another for one', async () => {
    const imagesOf = async (...set: string[]): Promise<unknown> =>
      (JSON.parse(await templateOf(...set)) as { images: unknown }).images;
    const ours = Object.values(backends).map(({ name, image }) => [name, `ncsweep/${image}:${version}`] as const);
    expect(await imagesOf()).toEqual(Object.fromEntries(ours));
    expect(await imagesOf('worker.image=mine:1', 'worker.images.torch-cpu=torch:2')).toEqual({
      ...Object.fromEntries(ours.map(([name]) => [name, 'mine:1'])),
      'torch-cpu': 'torch:2',
    });
    expect(JSON.parse(await templateOf('worker.backend=torch-cuda'))).toMatchObject({ image: `ncsweep/worker-torch:${version}` });
  });

  it('is the one of manifests/; else run scripts/render-manifests.sh manifests', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-manifests-'));
    await run(path.join(root, 'scripts/render-manifests.sh'), [folder]);
    const [rendered, kept] = await Promise.all(
      [folder, path.join(root, 'manifests')].map((each) => readFile(path.join(each, 'install.yaml'), 'utf8')),
    );
    expect(kept).toBe(rendered);
  });

  it('lets workers have other credentials for NATS than the orchestrator', async () => {
    const [both, apart] = [
      ['nats.credentialsSecretName=all'],
      ['nats.credentialsSecretName=all', 'nats.workerCredentialsSecretName=few'],
    ];
    const secretsOf = async (set: string[]): Promise<unknown[]> => {
      const deployment = (await render(...set)).find(({ kind }) => kind === 'Deployment') as unknown as Deployment;
      const template = JSON.parse(await templateOf(...set)) as Pick<Deployment['spec']['template']['spec'], 'volumes'>;
      return [deployment.spec.template.spec, template].map(
        ({ volumes }) => volumes.find(({ name }) => name === 'nats')?.secret?.secretName,
      );
    };
    expect(await secretsOf(both)).toEqual(['all', 'all']);
    expect(await secretsOf(apart)).toEqual(['all', 'few']);
  });

  it.each([
    [
      'a role',
      ['store.identity.roleArn=arn:aws:iam::1:role/lab'],
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      { serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } },
    ],
    [
      'an address',
      [
        'store.identity.credentialsUri=https://keys.example.org/lab',
        'store.identity.audience=keys',
        'store.identity.tokenSecretName=made',
      ],
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
      { secret: { name: 'made' } },
    ],
  ])('gives pods a token for the credentials of %s', async (_, set, variable, source) => {
    const template = JSON.parse(await templateOf(...set)) as { environment: object[]; volumes: object[]; volumeMounts: object[] };
    const deployment = (await render(...set)).find(({ kind }) => kind === 'Deployment') as unknown as Deployment;
    for (const { env, volumes } of [
      { env: template.environment, volumes: template.volumes },
      { env: deployment.spec.template.spec.containers[0].env, volumes: deployment.spec.template.spec.volumes },
    ]) {
      expect(env).toContainEqual({ name: variable, value: '/etc/ncsweep/identity/token' });
      expect(volumes).toContainEqual(
        expect.objectContaining({ name: 'identity', projected: { sources: [expect.objectContaining(nested(source))] } }),
      );
    }
    expect(template.volumeMounts).toContainEqual({ name: 'identity', mountPath: '/etc/ncsweep/identity', readOnly: true });
    expect(JSON.stringify(template.environment)).not.toContain('AWS_SECRET_ACCESS_KEY');
  });

  it('brings servers whose pods restricted pod security admits', async () => {
    const documents = await render(
      'bundled.nats.enabled=true',
      'bundled.s3.enabled=true',
      'store.location=',
      'nats.servers=',
      'bundled.s3.storage=',
    );
    const servers = documents.filter(({ kind }) => kind === 'StatefulSet') as unknown as Deployment[];
    expect(servers).toHaveLength(2);
    for (const { metadata, spec } of servers) {
      const pod = { metadata: { name: metadata.name }, spec: spec.template.spec };
      const { status, body } = await api.call(
        'POST',
        '/api/v1/namespaces/restricted/pods?fieldValidation=Strict&dryRun=All',
        pod,
      );
      expect(status, body.message).toBe(201);
    }
  });

  it('makes worker pods that restricted pod security admits', async () => {
    const template = { ...(JSON.parse(await templateOf(...everyAccess)) as WorkerTemplate), priorityClassName: undefined };
    const job = waveJob({
      ...waveOptions({ install: 'lab', template }, sweepWith(everything), pool),
      index: 0,
      size: 2,
    });
    const made = await api.call('POST', '/apis/batch/v1/namespaces/restricted/jobs?fieldValidation=Strict&dryRun=All', job);
    expect(made.status, made.body.message).toBe(201);
    const { spec } = (job['spec'] as { template: { spec: object } }).template;
    const pod = await api.call('POST', '/api/v1/namespaces/restricted/pods?dryRun=All', { metadata: { name: 'worker' }, spec });
    expect(pod.status, pod.body.message).toBe(201);
    const open = await api.call('POST', '/api/v1/namespaces/restricted/pods?dryRun=All', {
      metadata: { name: 'open' },
      spec: { ...spec, hostNetwork: true },
    });
    expect(open.status).toBe(403);
  });

  it('makes a report Job that the API server accepts, with what the install and the sweep say of pods', async () => {
    const overlay = 'podTemplate.metadata.labels.cost=lab';
    const { report, ...common } = JSON.parse(await templateOf(...everyAccess, overlay)) as ReportTemplate & { report: object };
    const template = { ...common, ...report, priorityClassName: undefined };
    const job = reportJob(reportOptions({ install: 'lab', template }, sweepWith(everything), reportPlace));
    const { status, body } = await api.call(
      'POST',
      '/apis/batch/v1/namespaces/restricted/jobs?fieldValidation=Strict&dryRun=All',
      job,
    );
    expect(status, body.message).toBe(201);
    expect((body['metadata'] as { labels: object }).labels).toMatchObject({ 'kueue.x-k8s.io/queue-name': 'gpu' });
    expect(body['spec']).toMatchObject({ suspend: true, template: { metadata: { labels: { cost: 'lab', team: 'lab' } } } });
  });

  it.each(podChoices)('makes pods that the API server accepts for %s', async (name, spec, expected) => {
    const template = { ...(JSON.parse(await templateOf()) as WorkerTemplate), priorityClassName: undefined };
    const options = waveOptions({ install: 'lab', template }, sweepWith(spec), pool);
    const job = { ...waveJob({ ...options, index: 0, size: 2 }), apiVersion: 'batch/v1', kind: 'Job' };
    const made = await api.call('POST', '/apis/batch/v1/namespaces/restricted/jobs?fieldValidation=Strict&dryRun=All', job);
    expect(made.status, `${name}: ${made.body.message}`).toBe(201);
    expect((made.body['spec'] as { template: object }).template).toMatchObject(expected);
  });
});

type Spec = SweepResource['spec'];
const reportPlace = { key: '0', store: { location: 's3://b/p' } };
const sweepWith = (spec: Spec) => ({
  metadata: { name: 'a', namespace: 'restricted', uid: '0b5b1b0e-0000-4000-8000-000000000000', generation: 1 },
  spec,
});
const pool = { store: { location: 's3://b/p' }, taskClass: 'train', backend: 'native-gpu', memoryStep: 1 } as const;

/** Everything that a sweep may specify for its pods. */
const everything: Spec = {
  dataset: [{ name: 'mnist', digest: 'a'.repeat(64), volume: { claimName: 'nfs', subPath: 'sets/mnist' } }],
  execution: {
    queueName: 'gpu',
    nodeSelector: { zone: 'a' },
    tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    resources: { train: { 'nvidia.com/mig-1g.5gb': 1, memory: '2Gi' } },
    podTemplate: {
      metadata: { labels: { team: 'lab' } },
      spec: {
        securityContext: { runAsUser: 1000 },
        volumes: [{ name: 'extra', configMap: { name: 'extra' } }],
        initContainers: [{ name: 'look', image: 'busybox' }],
        containers: [
          {
            name: 'worker',
            env: [{ name: 'HTTPS_PROXY', value: 'http://proxy' }],
            volumeMounts: [{ name: 'extra', mountPath: '/extra' }],
          },
        ],
      },
    },
  },
};
const worker = (more: object) => ({ spec: { containers: [{ name: 'worker', ...more }] } });
const podChoices: readonly (readonly [string, Spec, object])[] = [
  ['the install as it is', {}, worker({ resources: { limits: { 'nvidia.com/gpu': '1', memory: '24Gi' } } })],
  ['a part of a GPU, and everything else', everything, { metadata: { labels: { team: 'lab' } } }],
  [
    'GPUs of another make',
    { execution: { resources: { train: { 'amd.com/gpu': '2' } } } },
    worker({
      resources: { requests: { cpu: '4', 'amd.com/gpu': '2', memory: '24Gi' }, limits: { 'amd.com/gpu': '2', memory: '24Gi' } },
    }),
  ],
  [
    'no GPU',
    { execution: { resources: { train: { 'nvidia.com/gpu': 0, cpu: '500m' } } } },
    worker({ resources: { requests: { cpu: '500m', memory: '24Gi' }, limits: { memory: '24Gi' } } }),
  ],
];

/** Every way of reaching the store and NATS for which a pod needs files. */
const everyAccess = [
  ...['store.authorityConfigMapName=ca', 'store.identity.roleArn=arn:aws:iam::1:role/lab'],
  ...['nats.credentialsSecretName=nats', 'nats.authorityConfigMapName=ca'],
];

interface Probe {
  readonly httpGet: object;
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Deployment extends ChartObject {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly volumes: readonly { readonly name: string; readonly secret?: { readonly secretName: string } }[];
        readonly containers: readonly [
          { readonly env: readonly object[]; readonly startupProbe: Probe; readonly livenessProbe: Probe },
        ];
      };
    };
  };
}

const nested = (value: object): object =>
  Object.fromEntries(Object.entries(value).map(([name, each]) => [name, expect.objectContaining(each as object) as unknown]));

const templateOf = async (...set: string[]): Promise<string> =>
  (await render(...set)).find(({ metadata }) => metadata.name === 'lab-pod-template')?.data?.['template.json'] ?? '';
