/** Each seeded fault has its own line and remedy. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding } from '@ncsweep/cli/doctor/check';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { connectNats } from '@ncsweep/protocol/stream/jetstream/connect';
import { streamNames } from '@ncsweep/protocol/stream/jetstream/names';
import { ensureStreams } from '@ncsweep/protocol/stream/jetstream/setup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ncsweep } from '../harness/cli-run.ts';
import { ControlPlane } from '../harness/control-plane.ts';
import { freePort, ServerProcess } from '../harness/server-process.ts';

let plane: ControlPlane;
let folder = '';
let location = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-doctor-'));
  plane = await ControlPlane.start(1);
  location = await plane.s3.bucket('doctor');
  await openStore(location, 'write');
  const connection = await connectNats({ servers: plane.nats.url, name: 'test' });
  await ensureStreams(connection, 'lab', streamNames('lab'));
  await connection.close();
}, 120_000);
afterAll(async () => {
  await plane.stop();
  await rm(folder, { recursive: true, force: true });
});

async function doctor(args: readonly string[], environment: Record<string, string> = {}) {
  const given = { ...plane.s3.environment, KUBECONFIG: plane.api.kubeconfig, ...environment };
  const { stdout, stderr, exitCode } = await ncsweep(
    ['doctor', '-o', 'json', ...(args.includes('--install') ? [] : ['--install', 'lab']), ...args],
    {
      environment: given,
    },
  );
  expect(stderr).toBe('');
  return { exitCode, findings: JSON.parse(stdout) as Finding[] };
}

/** The only finding that reports a problem. */
async function finds(args: readonly string[], expected: object, environment: Record<string, string> = {}): Promise<void> {
  const { exitCode, findings } = await doctor(args, environment);
  const wrong = findings.filter(({ outcome }) => outcome !== 'ok');
  expect(wrong, JSON.stringify(findings)).toMatchObject([{ ...expected, remedy: expect.stringMatching(/\w/) as string }]);
  expect(exitCode).toBe(wrong[0]?.outcome === 'failed' ? 1 : 0);
}

async function kubeconfigOf(
  change: (config: { clusters: { cluster: { server: string } }[]; users: { user: object }[] }) => void,
): Promise<string> {
  const config = JSON.parse(await readFile(plane.api.kubeconfig, 'utf8')) as Parameters<typeof change>[0];
  change(config);
  const file = path.join(folder, `config-${Math.random()}`);
  await writeFile(file, JSON.stringify(config));
  return file;
}

describe('ncsweep doctor, on a cluster', () => {
  it('without the custom resource', () => finds([], { name: 'custom resource', outcome: 'failed' }));

  it('that is well', async () => {
    await plane.installCrd();
    const { exitCode, findings } = await doctor(['--nats', plane.nats.url, '--store', location]);
    expect(findings.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(findings.map(({ name }) => name)).toEqual([
      'cluster',
      'custom resource',
      'rights',
      'devices',
      'NATS',
      'JetStream',
      'streams',
      'NATS boundary',
      'store',
      'conditional put',
      'content',
      'clock',
      'format',
      'store boundary',
    ]);
  });

  it('that does not answer', async () => {
    const dead = await kubeconfigOf(({ clusters }) => (clusters[0]!.cluster.server = 'https://127.0.0.1:1'));
    await finds(['--kubeconfig', dead], {
      name: 'cluster',
      outcome: 'failed',
      detail: expect.stringContaining('127.0.0.1:1') as string,
    });
  });

  it('where the user may nothing', async () => {
    const account = '/api/v1/namespaces/default/serviceaccounts';
    await plane.api.call('POST', account, { metadata: { name: 'nobody' } });
    const { body } = await plane.api.call('POST', `${account}/nobody/token`, { spec: { expirationSeconds: 3600 } });
    const { token } = body['status'] as { token: string };
    const weak = await kubeconfigOf(({ users }) => (users[0]!.user = { token }));
    const { findings } = await doctor(['--kubeconfig', weak]);
    expect(findings).toContainEqual(expect.objectContaining({ name: 'rights', outcome: 'failed' }));
  });

  it.each<[string, object, string]>([
    ['computes on the CPU', { cpu: '1' }, 'none needed: worker pods of this install compute on the CPU'],
    ['computes on GPUs', { cpu: '1', 'nvidia.com/gpu': '1' }, 'nodes offer 8 nvidia.com/gpu'],
  ])('whose install %s', async (_, train, detail) => {
    const path = '/api/v1/namespaces/default/configmaps';
    const data = { 'template.json': JSON.stringify({ resources: { train, evaluate: { cpu: '1' } } }) };
    await plane.api.call('POST', path, { metadata: { name: 'lab', labels: { 'app.kubernetes.io/name': 'ncsweep' } }, data });
    const { findings } = await doctor([]);
    await plane.api.call('DELETE', `${path}/lab`);
    expect(findings.filter(({ name }) => name === 'devices')).toEqual([{ name: 'devices', outcome: 'ok', detail }]);
  });

  it('whose nodes lack the device', () => finds(['--gpu', 'amd.com/gpu'], { name: 'devices', outcome: 'failed' }));

  it('whose custom resource is another version', async () => {
    const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sweeps.ncsweep.dev';
    const removed = [{ op: 'remove', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/suspend' }];
    const { status } = await plane.api.call('PATCH', crd, removed, 'application/json-patch+json');
    expect(status).toBe(200);
    await finds([], { name: 'custom resource', outcome: 'warning' });
  });
});

describe('ncsweep doctor, on NATS', () => {
  const only = (url: string): string[] => ['--no-cluster', '--nats', url];
  const server = (...args: string[]): Promise<ServerProcess> =>
    ServerProcess.start('nats-server', (port) => ['-a', '127.0.0.1', '-p', String(port), ...args]);

  it('that does not answer', async () => {
    await finds(only(`nats://127.0.0.1:${await freePort()}`), { name: 'NATS', outcome: 'failed' });
  });
  it('without JetStream', async () => {
    const plain = await server();
    await finds(only(`nats://127.0.0.1:${plain.port}`), { name: 'JetStream', outcome: 'failed' }).finally(() => plain.stop());
  });
  it('that refuses the credentials', async () => {
    const closed = await server('--user', 'a', '--pass', 'b');
    const denied = { name: 'NATS', outcome: 'failed', detail: expect.stringMatching(/authorization/i) as string };
    await finds(only(`nats://127.0.0.1:${closed.port}`), denied).finally(() => closed.stop());
  });
  it('where the install has no streams', () =>
    finds([...only(plane.nats.url), '--install', 'other'], { name: 'streams', outcome: 'warning' }));
});

describe('ncsweep doctor, on a store', () => {
  const only = (store: string): string[] => ['--no-cluster', '--store', store];

  it('that does not answer', async () => {
    const port = await freePort();
    await finds(only(`s3://b/p?endpoint=http://127.0.0.1:${port}&use_path_style=true`), { name: 'store', outcome: 'failed' });
  });
  it('with the wrong secret', () =>
    finds(only(location), { name: 'store', outcome: 'failed' }, { AWS_SECRET_ACCESS_KEY: 'wrong-wrong-wrong' }));
  it('without its bucket', () =>
    finds(only(location.replace('doctor', 'nowhere')), { outcome: 'failed', detail: expect.stringMatching(/bucket/) as string }));
  it('of a newer format', async () => {
    const newer = await plane.s3.bucket('newer');
    const store = await openStore(newer, 'write');
    await store.put(keys.store, encodeJson({ v: 1, format: 99, conditionalPut: true }));
    await finds(only(newer), { name: 'format', outcome: 'failed', detail: expect.stringContaining('99') as string });
  });
});
