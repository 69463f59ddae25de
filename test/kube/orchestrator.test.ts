/** The orchestrator as a process, two of them: the leader dies, the other goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sweepCrd } from '@ncsweep/protocol/crd';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { JobRunner } from '../harness/job-runner.ts';
import { startKubeApi, type KubeApi } from '../harness/kube-api.ts';
import { startNats, type NatsServer } from '../harness/nats-server.ts';
import { startS3, type S3Server } from '../harness/s3-server.ts';
import { freePort } from '../harness/server-process.ts';

const file = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const sweeps = '/apis/ncsweep.dev/v1alpha1/namespaces/default/sweeps';

let api: KubeApi;
let nats: NatsServer;
let s3: S3Server;
let runner: JobRunner;
let environment: Record<string, string> = {};
beforeAll(async () => {
  [api, nats, s3] = await Promise.all([startKubeApi(), startNats(), startS3()]);
  await api.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', sweepCrd());
  await vi.waitFor(async () => expect((await api.call('GET', sweeps)).status).toBe(200), { timeout: 20_000, interval: 100 });
  const template = path.join(await mkdtemp(path.join(tmpdir(), 'ncsweep-template-')), 'template.json');
  const resources = { cpu: '1', memory: '1Gi' };
  await writeFile(
    template,
    JSON.stringify({
      image: 'worker:test',
      resources: { train: resources, evaluate: resources },
      environment: [{ name: 'NCSWEEP_NATS', value: nats.url }],
    }),
  );
  environment = {
    ...{ KUBECONFIG: api.kubeconfig, NCSWEEP_INSTALL: 'two', NCSWEEP_NATS: nats.url, NCSWEEP_WORKER_TEMPLATE: template },
    ...{ NCSWEEP_STORE: await s3.bucket('two-bucket'), NCSWEEP_ACK_WAIT_MS: '4000' },
  };
  runner = new JobRunner(api, { NCSWEEP_COMPUTE: file('../harness/stub-compute.ts') });
  runner.start();
}, 120_000);
afterAll(async () => {
  await runner.stop();
  await Promise.all([api.stop(), nats.stop(), s3.stop()]);
});

interface Replica {
  readonly child: ChildProcess;
  readonly port: number;
  readonly output: () => string;
}

async function replica(identity: string): Promise<Replica> {
  const port = await freePort();
  let output = '';
  const child = spawn(process.execPath, [file('../../orchestrator/main.ts')], {
    env: { ...process.env, ...environment, NCSWEEP_IDENTITY: identity, NCSWEEP_HEALTH_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  return { child, port, output: () => output };
}

it('one leads; when it is killed in mid-sweep the other finishes, and nothing runs twice', async () => {
  const first = await replica('first');
  await vi.waitFor(() => expect(first.output()).toContain('"leads"'), { timeout: 20_000, interval: 100 });
  const second = await replica('second');
  const spec = {
    dataset: [{ name: 'prototypes', classes: 2, trainPerClass: 8, testPerClass: 4, imageSize: 8 }],
    architecture: [{ name: 'mlp', width: 2, depth: 1 }],
    training: [{ name: 'ST', epochs: 2, batchSize: 8 }],
    seed: ['51..58', 2], // the stub's seed 2 is slow
    grids: [{ name: 'g', epoch: [1, 'last'], attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    execution: { parallelism: 2 },
  };
  await api.call('POST', sweeps, { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name: 'handed-over' }, spec });
  const status = async () => (await api.call('GET', `${sweeps}/handed-over`)).body['status'] as { phase?: string; counters?: { done: number } } | undefined; // prettier-ignore
  await vi.waitFor(async () => expect((await status())?.counters?.done ?? 0).toBeGreaterThan(0), {
    timeout: 30_000,
    interval: 100,
  });
  expect((await fetch(`http://127.0.0.1:${second.port}/readyz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${first.port}/healthz`)).status).toBe(200);
  expect(second.output()).not.toContain('"leads"');
  first.child.kill('SIGKILL');
  await vi.waitFor(() => expect(second.output()).toContain('"leads"'), { timeout: 40_000, interval: 200 });
  await vi.waitFor(async () => expect((await status())?.phase, second.output().slice(-800)).toBe('Complete'), {
    timeout: 60_000,
    interval: 200,
  });
  expect(new Set([...runner.started.keys()].map((name) => name.replace(/-\d+-/, '-')))).toHaveProperty('size', 2); // one pool a class
  const ended = once(second.child, 'exit');
  second.child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  await pause(200);
  const { body } = await api.call('GET', '/apis/coordination.k8s.io/v1/namespaces/default/leases/ncsweep-two');
  expect(body['spec']).toMatchObject({ holderIdentity: '' });
}, 180_000);

it('says which setting is wrong', async () => {
  environment['NCSWEEP_BACKEND'] = 'cuda';
  const { child, output } = await replica('third');
  const [code] = (await once(child, 'exit')) as [number];
  delete environment['NCSWEEP_BACKEND'];
  expect(code).toBe(1);
  expect(output()).toMatch(/NCSWEEP_BACKEND: expected native-gpu \| native-cpu \| wasm, found \\"cuda/);
});
