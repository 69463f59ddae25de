/** Compares the orchestrator's rights with its use of them, in both directions, by the audit log of a real API server. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { ownedBy } from '@ncsweep/orchestrator/cluster/jobs/pod';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { auditedCalls, type AuditedCall } from '../harness/audit.ts';
import { chart } from '../harness/chart.ts';
import { Cluster } from '../harness/cluster.ts';
import { smallSpec } from '../harness/cluster-sweeps.ts';
import { sweepsOf, type ControlPlane } from '../harness/control-plane.ts';
import { serverProgram } from '../harness/server-process.ts';
import { stubSeeds } from '../harness/stub-seeds.ts';

const run = promisify(execFile);
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

let cluster: Cluster;
let plane: ControlPlane;
let documents: readonly KubeDocument[] = [];
/** Of the service account. */
let kubeconfig = '';
beforeAll(async () => {
  cluster = await Cluster.start('lab', { namespaces: ['lab', 'users', 'small'], crd: false });
  ({ plane } = cluster);
  const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-rights-'));
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
  const template = documents.find(({ kind, data }) => kind === 'ConfigMap' && data?.['template.json'])?.data?.['template.json'];
  await cluster.orchestrate({ KUBECONFIG: kubeconfig, NCSWEEP_NAMESPACE: 'lab' }, template);
}, 120_000);
afterAll(() => cluster.stop());

const kubectl = (config: string, ...args: string[]) => run(serverProgram('kube/kubectl'), ['--kubeconfig', config, ...args]);
const small = (more: object): object => smallSpec({ execution: { backend: 'wasm' }, ...more });

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
  const { sweeps, hold, orchestrator } = cluster;
  const users = { namespace: 'users' };
  await sweeps.make('refused', small({ seed: [701] }), 'small');
  hold.begin();
  await sweeps.make('cancelled', small({ seed: ['711..713', stubSeeds.held] }), 'users');
  await sweeps.works('cancelled', users);
  await sweeps.edit('cancelled', { suspend: true }, 'users');
  await sweeps.reaches('cancelled', 'Suspended', users);
  await sweeps.edit('cancelled', { cancelled: true }, 'users');
  await sweeps.reaches('cancelled', 'Cancelled', users);
  await sweeps.make('deleted', small({ seed: [741], deletionPolicy: 'Delete', ttlSecondsAfterFinished: 1 }), 'users');
  await sweeps.disappears('deleted', 'users');
  await sweeps.says('refused', 'Progressing', { reason: 'QuotaExceeded' }, { namespace: 'small' });
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
}, 500_000);

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
  const { body } = await plane.api.call('GET', `${sweepsOf('users')}/cancelled`);
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
  await vi.waitFor(() => expect(dryRun()).rejects.toThrow(/cannot set blockOwnerDeletion/), { timeout: 120_000, interval: 200 });
});
