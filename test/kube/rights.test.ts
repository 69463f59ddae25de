/** Compares the orchestrator's rights with its use of them, in both directions, by the audit log of a real API server. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ownedBy } from '@ncsweep/orchestrator/cluster/jobs/pod';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { auditedCalls, type AuditedCall } from '../harness/audit.ts';
import { chart } from '../harness/chart.ts';
import { ControlPlane, sweepsOf, type Orchestrator } from '../harness/control-plane.ts';
import { PodRunner } from '../harness/pod-runner.ts';
import { serverProgram } from '../harness/server-process.ts';

const run = promisify(execFile);
const file = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const account = 'system:serviceaccount:lab:lab-orchestrator';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}
interface KubeDocument {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly rules?: readonly Rule[];
  readonly data?: Readonly<Record<string, string>>;
}

let plane: ControlPlane;
let runner: PodRunner;
let orchestrator: Orchestrator;
let documents: readonly KubeDocument[] = [];
/** Of the service account. */
let kubeconfig = '';
beforeAll(async () => {
  plane = await ControlPlane.start();
  for (const name of ['lab', 'users', 'small']) await plane.api.call('POST', '/api/v1/namespaces', { metadata: { name } });
  const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-rights-'));
  const location = await plane.s3.bucket('rights-bucket');
  const values = ['--set', 'store.location=s3://bucket/prefix', '--set', `nats.servers=${plane.nats.url}`];
  const { stdout } = await run(serverProgram('helm'), ['template', 'lab', chart, '-n', 'lab', '--no-hooks', ...values]);
  documents = parseAllDocuments(stdout).flatMap((each) => (each.contents === null ? [] : [each.toJS() as KubeDocument]));
  await writeFile(path.join(folder, 'install.yaml'), stdout);
  await kubectl(plane.api.kubeconfig, 'apply', '-f', path.join(folder, 'install.yaml'));
  await plane.servesSweeps();
  const tokens = '/api/v1/namespaces/lab/serviceaccounts/lab-orchestrator/token';
  const { body } = await plane.api.call('POST', tokens, { spec: { expirationSeconds: 3600 } });
  const { token } = body['status'] as { token: string };
  const config = JSON.parse(await readFile(plane.api.kubeconfig, 'utf8')) as object;
  kubeconfig = path.join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify({ ...config, users: [{ name: 'admin', user: { token } }] }), { mode: 0o600 });
  runner = new PodRunner(plane.api, { NCSWEEP_COMPUTE: file('../harness/stub-compute.ts') });
  runner.start();
  const template = documents.find(({ kind, data }) => kind === 'ConfigMap' && data?.['template.json'])?.data?.['template.json'];
  orchestrator = await plane.orchestrator(
    { KUBECONFIG: kubeconfig, NCSWEEP_INSTALL: 'lab', NCSWEEP_NAMESPACE: 'lab', NCSWEEP_STORE: location },
    template,
  );
}, 120_000);
afterAll(async () => {
  await orchestrator.stop('SIGKILL');
  await runner.stop();
  await plane.stop();
});

const kubectl = (config: string, ...args: string[]) => run(serverProgram('kube/kubectl'), ['--kubeconfig', config, ...args]);
const within = (seconds: number) => ({ timeout: seconds * 1000, interval: 200 });
async function make(namespace: string, name: string, more: object): Promise<void> {
  const spec = {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { backend: 'wasm' },
    ...more,
  };
  const document = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name }, spec };
  const { status, body } = await plane.api.call('POST', sweepsOf(namespace), document);
  expect(status, body.message).toBe(201);
}
const edit = (namespace: string, name: string, spec: object) =>
  plane.api.call('PATCH', `${sweepsOf(namespace)}/${name}`, { spec }, 'application/merge-patch+json');
const read = (namespace: string, name: string) => plane.api.call('GET', `${sweepsOf(namespace)}/${name}`);
async function reaches(namespace: string, name: string, check: (status: SweepStatus) => void): Promise<void> {
  const look = async (): Promise<void> => check(((await read(namespace, name)).body['status'] as SweepStatus | undefined) ?? {});
  await vi.waitFor(look, within(90));
}
const isGone = (namespace: string, name: string): Promise<void> =>
  vi.waitFor(async () => expect((await read(namespace, name)).status).toBe(404), within(60));
const phase =
  (wanted: string) =>
  (status: SweepStatus): void =>
    expect(status.phase, orchestrator.output().slice(-600)).toBe(wanted);

const covers = ({ apiGroups, resources, verbs, resourceNames }: Rule, { group, resource, verb, name }: AuditedCall): boolean =>
  apiGroups.includes(group) &&
  resources.includes(resource) &&
  verbs.includes(verb) &&
  (resourceNames === undefined || resourceNames.includes(name));
const rulesOf = (): readonly Rule[] =>
  documents
    .filter(({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && metadata.name.startsWith('lab-orchestrator'))
    .flatMap(({ rules = [] }) => rules);
/** A right that the API server checks when a Job is created, without a call of its own. */
const unseen = 'ncsweep.dev sweeps/finalizers update';

it('are enough for all that can happen to a Sweep, and every one of them is used', async () => {
  const quotas = '/api/v1/namespaces/small/resourcequotas';
  await plane.api.call('POST', quotas, { metadata: { name: 'none' }, spec: { hard: { 'requests.cpu': '0' } } });
  await make('small', 'refused', { seed: [701] });
  await make('users', 'cancelled', { seed: ['711..730'] });
  await reaches('users', 'cancelled', ({ counters }) => expect(counters?.done ?? 0).toBeGreaterThan(0));
  await edit('users', 'cancelled', { suspend: true });
  await reaches('users', 'cancelled', phase('Suspended'));
  await edit('users', 'cancelled', { cancelled: true });
  await reaches('users', 'cancelled', phase('Cancelled'));
  await make('users', 'deleted', { seed: [741], deletionPolicy: 'Delete', ttlSecondsAfterFinished: 1 });
  await isGone('users', 'deleted');
  await reaches('small', 'refused', ({ conditions }) =>
    expect(conditions?.find(({ type }) => type === 'Progressing')?.reason).toBe('QuotaExceeded'),
  );
  // Kubernetes also says "forbidden" when a quota refuses a pod.
  const ownLines = orchestrator
    .output()
    .split('\n')
    .filter((line) => !line.includes('"reason":"QuotaExceeded"'));
  expect(ownLines.join('\n')).not.toMatch(/forbidden/i);

  const calls = await auditedCalls(plane.api.files.audit, account);
  const rules = rulesOf();
  const outside = calls.filter((call) => call.resource !== '' && !rules.some((rule) => covers(rule, call)));
  expect(outside).toEqual([]);
  expect(calls.filter(({ code }) => code === 403)).toEqual([]);
  const unused = rules.flatMap((rule) =>
    rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((resource) =>
        rule.verbs
          .filter(
            (verb) => !calls.some((call) => covers({ ...rule, apiGroups: [group], resources: [resource], verbs: [verb] }, call)),
          )
          .map((verb) => `${group} ${resource} ${verb}`),
      ),
    ),
  );
  expect(unused).toEqual([unseen]);
  const metrics = await orchestrator.metrics();
  expect(metrics).toMatch(/ncsweep_api_calls_total\{verb="create",resource="jobs",code="201"\} [1-9]/);
  expect(metrics).toMatch(/ncsweep_api_calls_total\{verb="patch",resource="sweeps\/status",code="200"\} [1-9]/);
}, 240_000);

it('end there: what is outside is denied, and is seen to be', async () => {
  for (const outside of [
    ['get', 'secrets', '-n', 'users'],
    ['delete', 'pods', '--all', '-n', 'users'],
    ['get', 'leases', '-n', 'users'],
    ['create', 'role', 'more', '--verb=get', '--resource=secrets', '-n', 'lab'],
    ['get', 'nodes'],
  ])
    await expect(kubectl(kubeconfig, ...outside), outside.join(' ')).rejects.toThrow(/forbidden/i);
  const denied = (await auditedCalls(plane.api.files.audit, account)).filter(({ code }) => code === 403);
  expect(denied.map(({ resource }) => resource)).toEqual(expect.arrayContaining(['secrets', 'leases', 'nodes', 'roles']));
});

it('one is used by no call: without it the API server refuses Jobs that block the deletion of their Sweep', async () => {
  const { body } = await read('users', 'cancelled');
  const { uid } = body['metadata'] as { uid: string };
  const pod = { restartPolicy: 'Never', containers: [{ name: 'w', image: 'x' }] };
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'probe', namespace: 'users', ownerReferences: [ownedBy({ name: 'cancelled', namespace: 'users', uid })] },
    spec: { template: { spec: pod } },
  };
  const manifest = path.join(path.dirname(kubeconfig), 'job.json');
  await writeFile(manifest, JSON.stringify(job));
  const dryRun = () => kubectl(kubeconfig, 'create', '--dry-run=server', '--validate=false', '-f', manifest);
  await dryRun();
  const role = documents.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'lab-orchestrator');
  const rules = role?.rules?.filter(({ resources }) => !resources.includes('sweeps/finalizers'));
  const place = '/apis/rbac.authorization.k8s.io/v1/clusterroles/lab-orchestrator';
  await plane.api.call('PATCH', place, { rules }, 'application/merge-patch+json');
  await vi.waitFor(() => expect(dryRun()).rejects.toThrow(/cannot set blockOwnerDeletion/), within(20));
});
