/**
 * `make cluster IMAGES=…` on an existing cluster: a control plane and a real node, which know nothing of ncsweep. Images
 * go through a registry, or into the node's containerd; then `helm test` has the install compute a Sweep.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startKubeApi, type KubeApi } from '../harness/kube-api.ts';
import { startControllers } from '../harness/kube-controllers.ts';
import { startRealNode, type RealNode } from '../harness/real-node.ts';
import { freePort, serverProgram, ServerProcess } from '../harness/server-process.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../../scripts/cluster.ts', import.meta.url));

interface Part {
  stop(): Promise<void>;
}
const parts: Part[] = [];
let api: KubeApi;
let node: RealNode;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-existing-'));
  api = await startKubeApi();
  parts.unshift(api);
  parts.unshift(await startControllers(api));
  node = await startRealNode(api);
  parts.unshift(node);
}, 240_000);
afterAll(async () => {
  for (const part of parts) await part.stop();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

/** This cluster has no network of its own and no Service for its API server, and its pods share the ports of this machine. */
async function values(): Promise<string> {
  const [nats, s3] = [await freePort(), await freePort()];
  const environment = [
    { name: 'KUBERNETES_SERVICE_HOST', value: '127.0.0.1' },
    { name: 'KUBERNETES_SERVICE_PORT', value: String(api.process.port) },
  ];
  const file = path.join(folder, 'values.json');
  const bundled = { nats: { port: nats }, s3: { port: s3, storage: '' } };
  const orchestrator = { replicas: 1, healthPort: await freePort(), environment };
  await writeFile(file, JSON.stringify({ hostNetwork: true, orchestrator, metrics: { port: await freePort() }, bundled }));
  return file;
}

const cluster = async (images: string): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [script, 'up'], {
    env: { ...process.env, KUBECONFIG: api.kubeconfig, IMAGES: images, VALUES: await values() },
    maxBuffer: 1 << 24,
  });
const kubectl = async (...args: string[]): Promise<string> =>
  (await run(serverProgram('kube/kubectl'), ['--kubeconfig', api.kubeconfig, ...args])).stdout;
const helm = async (...args: string[]): Promise<string> =>
  (await run(serverProgram('helm'), ['--kubeconfig', api.kubeconfig, '-n', 'ncsweep', ...args], { maxBuffer: 1 << 24 })).stdout;

/** Images of the pods that are not ending. */
async function running(): Promise<string[]> {
  const { items } = JSON.parse(await kubectl('-n', 'ncsweep', 'get', 'pods', '-o', 'json')) as { items: readonly Pod[] };
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined && metadata.name !== 'ncsweep-test')
    .flatMap(({ spec }) => spec.containers.map(({ image }) => image))
    .sort();
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

const servers = (place: string): string[] =>
  ['nats', 'orchestrator', 'versitygw'].map((name) => expect.stringContaining(`${place}ncsweep/${name}:`) as string);

// In this order: a kubelet asks the registry again for an image that it pulled once, by whatever name.
it('imports images into the containerd of a node, and helm test computes a Sweep', async () => {
  const { stdout, stderr } = await cluster(`containerd:${node.socket}`);
  expect(stderr).toMatch(/\[1\/4\] the cluster of context test, https:\/\/127\.0\.0\.1:\d+\n {6}Kubernetes v/);
  expect(stderr).toMatch(/\[3\/4\] images go into containerd(.|\n)*done in (\d+ min )?\d+ s/);
  expect(stderr).toContain('helm test ncsweep -n ncsweep');
  expect(stdout).toContain(`export KUBECONFIG='${api.kubeconfig}'`);
  expect(await running()).toEqual(servers(''));
  expect(await helm('test', 'ncsweep', '--timeout', '4m')).toMatch(/Phase: +Succeeded/);
  const said = await kubectl('-n', 'ncsweep', 'logs', 'ncsweep-test', '--all-containers');
  expect(said).toMatch(/submitted sweep ncsweep-test to namespace ncsweep/);
  expect(said).toMatch(/Complete/);
}, 600_000);

it('pushes images to a registry, from which pods pull them; helm test says what is wrong', async () => {
  const blobs = path.join(folder, 'registry');
  await mkdir(blobs);
  const serve = (port: number): string[] => ['registry', 'serve', '--address', `127.0.0.1:${port}`, '--disk', blobs];
  const registry = await ServerProcess.start('crane', serve);
  parts.push(registry);
  const place = `127.0.0.1:${registry.port}/lab`;
  expect((await cluster(place)).stderr).toContain(`[3/4] images are pushed to ${place}`);
  expect(await running()).toEqual(servers(`${place}/`));
  await kubectl('-n', 'ncsweep', 'scale', 'statefulset/ncsweep-nats', '--replicas=0');
  await kubectl('-n', 'ncsweep', 'wait', '--for=delete', 'pod/ncsweep-nats-0', '--timeout=60s');
  await expect(helm('test', 'ncsweep', '--timeout', '2m')).rejects.toThrow(/failed/i);
  expect(await kubectl('-n', 'ncsweep', 'logs', 'ncsweep-test', '-c', 'doctor')).toMatch(/FAILED +NATS/);
}, 600_000);
