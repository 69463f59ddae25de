/**
 * A real node: containerd and a kubelet, as root, on loopback. It leaves nothing behind: processes, mounts, cgroups, and the
 * kernel settings that a kubelet changes are restored.
 */
import { execFile } from 'node:child_process';
import { access, mkdir, readdir, readFile, readlink, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { KubeApi } from './kube-api.ts';
import { ServerProcess } from './server-process.ts';

const run = promisify(execFile);
const source = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Name of the node, and the address at which the API server reaches its kubelet. */
const realNode = '127.0.0.1';
const pauseImage = 'localhost/pause:1';
const readyLimitMs = 60_000;
/** Settings that a kubelet writes. */
const kernelSettings = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

export interface RealNode {
  /** Where its containerd listens. */
  readonly socket: string;
  /** Imports a `docker save` archive. */
  importImage(archive: string): Promise<void>;
  /** Gives an image another name. */
  tagImage(image: string, as: string): Promise<void>;
  stop(): Promise<void>;
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Why a node cannot run here; undefined when it can. */
async function whyNoNode(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'a real node runs on Linux only';
  if (process.getuid?.() !== 0) return 'a real node needs root';
  const missing: string[] = [];
  for (const program of ['containerd', 'runc', 'gcc']) await run('which', [program]).catch(() => missing.push(program));
  return missing.length === 0 ? undefined : `${missing.join(', ')} missing (Debian: apt install containerd runc gcc libc6-dev)`;
}

const containerdConfig = (folder: string, metricsPort: number): string => `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${folder}/containerd.sock"
[metrics]
  address = "127.0.0.1:${metricsPort}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    conf_dir = "${folder}/cni"
`;

interface KubeletSettings {
  readonly folder: string;
  readonly port: number;
  readonly authority: string;
  readonly cgroup: string;
}

const kubeletConfig = ({ folder, port, authority, cgroup }: KubeletSettings): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  address: '127.0.0.1',
  port,
  readOnlyPort: 0,
  healthzPort: 0,
  containerRuntimeEndpoint: `unix://${folder}/containerd.sock`,
  // A separate cgroup: a kubelet ends, or removes, anything there that it does not know.
  cgroupRoot: `/${cgroup}`,
  podLogsDir: `${folder}/logs`,
  cgroupDriver: 'cgroupfs',
  failCgroupV1: false,
  failSwapOn: false,
  makeIPTablesUtilChains: false,
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false }, x509: { clientCAFile: authority } },
  authorization: { mode: 'AlwaysAllow' },
  evictionHard: Object.fromEntries(
    ['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'imagefs.available'].map((each) => [each, '0%']),
  ),
  imageGCHighThresholdPercent: 100,
  maxPods: 250,
  registryPullQPS: 0,
  serializeImagePulls: false,
  kubeAPIQPS: 200,
  kubeAPIBurst: 400,
  resolvConf: '',
  shutdownGracePeriod: '0s',
});

async function startContainerd(folder: string): Promise<ServerProcess> {
  const settings = path.join(folder, 'containerd.toml');
  // All pods use the host's network, but containerd still needs some network before it reports ready.
  await writeFile(
    path.join(folder, 'cni', '10-loopback.conflist'),
    JSON.stringify({ cniVersion: '0.4.0', name: 'loopback', plugins: [{ type: 'loopback' }] }),
  );
  return ServerProcess.start('/usr/bin/containerd', async (port) => {
    await writeFile(settings, containerdConfig(folder, port));
    return ['-c', settings, '-l', 'warn'];
  });
}

/** The image of the program that holds a pod together: one static binary. */
async function importPause(folder: string, importImage: RealNode['importImage']): Promise<void> {
  const image = path.join(folder, 'pause');
  await mkdir(image);
  await run('gcc', ['-static', '-Os', '-o', path.join(image, 'pause'), source('./pause.c')]);
  await run('tar', ['-C', image, '-cf', path.join(folder, 'layer.tar'), 'pause']);
  const { stdout } = await run('sha256sum', [path.join(folder, 'layer.tar')]);
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${stdout.split(' ')[0]}`] },
  };
  const manifest = [{ Config: 'config.json', RepoTags: [pauseImage], Layers: ['layer.tar'] }];
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify(manifest));
  const archive = path.join(folder, 'pause.tar');
  await run('tar', ['-C', folder, '-cf', archive, 'manifest.json', 'config.json', 'layer.tar']);
  await importImage(archive);
}

async function readSettings(): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const name of kernelSettings) values.set(name, await readFile(`/proc/sys/${name}`, 'utf8'));
  return values;
}

/** @throws with the reason when a node cannot run here, or does not become ready */
export async function startRealNode(api: KubeApi): Promise<RealNode> {
  const reason = await whyNoNode();
  if (reason !== undefined) throw new Error(reason);
  const folder = path.join(api.files.folder, 'node');
  await mkdir(path.join(folder, 'cni'), { recursive: true });
  const settings = await readSettings();
  const cgroup = path.basename(api.files.folder);
  await makeCgroups(cgroup);
  const containerd = await startContainerd(folder);
  const socket = path.join(folder, 'containerd.sock');
  const ctr = (...args: string[]): Promise<{ stdout: string }> => run('ctr', ['-a', socket, '-n', 'k8s.io', ...args]);
  const importImage = async (archive: string): Promise<void> => {
    await ctr('images', 'import', archive);
  };
  const tagImage = async (image: string, as: string): Promise<void> => {
    await ctr('images', 'tag', '--force', `docker.io/${image}`, `docker.io/${as}`);
  };
  await importPause(folder, importImage);
  const kubelet = await ServerProcess.start('kube/kubelet', async (port) => {
    const config = path.join(folder, 'kubelet.json');
    await writeFile(config, JSON.stringify(kubeletConfig({ folder, port, authority: api.files.authority, cgroup })));
    return [
      ...[`--config=${config}`, `--kubeconfig=${api.kubeconfig}`, `--hostname-override=${realNode}`],
      ...[`--root-dir=${folder}/kubelet`, `--cert-dir=${folder}/kubelet/pki`],
    ];
  });
  const stop = async (): Promise<void> => {
    await kubelet.stop();
    await removeContainers(ctr);
    await containerd.stop();
    await removeMounts(folder);
    for (const each of await cgroupFolders(cgroup)) await removeTree(each);
    await removeLogLinks(folder);
    for (const [name, value] of settings) await writeFile(`/proc/sys/${name}`, value);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(api);
  } catch (error) {
    await stop();
    throw error;
  }
  return { socket, importImage, tagImage, stop };
}

interface NodeStatus {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

async function waitUntilReady(api: KubeApi): Promise<void> {
  const until = Date.now() + readyLimitMs;
  for (;;) {
    const { body } = await api.call('GET', `/api/v1/nodes/${realNode}`);
    const { conditions = [] } = (body['status'] ?? {}) as NodeStatus;
    if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) return;
    if (Date.now() > until) throw new Error(`the node did not become ready: ${JSON.stringify(conditions)}`);
    await pause(200);
  }
}

async function removeContainers(ctr: (...args: string[]) => Promise<{ stdout: string }>): Promise<void> {
  const names = async (...args: string[]): Promise<string[]> => (await ctr(...args)).stdout.split('\n').filter(Boolean);
  for (const task of await names('tasks', 'ls', '-q')) await ctr('tasks', 'rm', '-f', task).catch(() => undefined);
  for (const container of await names('containers', 'ls', '-q')) await ctr('containers', 'rm', container).catch(() => undefined);
}

async function removeMounts(folder: string): Promise<void> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const mount of mounts.filter((each) => each.startsWith(`${folder}/`)).reverse())
    await run('umount', [mount]).catch(() => undefined);
}

const cgroupBase = '/sys/fs/cgroup';
/** What a kubelet expects in its root on cgroup v2. */
const controllers = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids'];

/** One folder in every hierarchy: there is a single one on cgroup v2, and one per controller on v1. */
async function cgroupFolders(name: string): Promise<readonly string[]> {
  if (await exists(path.join(cgroupBase, 'cgroup.controllers'))) return [path.join(cgroupBase, name)];
  const entries = await readdir(cgroupBase, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(cgroupBase, entry.name, name));
}

async function makeCgroups(name: string): Promise<void> {
  // On cgroup v2 a new folder has the controllers that its parent passes on; one that the kernel lacks is left out.
  const passOn = path.join(cgroupBase, 'cgroup.subtree_control');
  if (await exists(passOn)) for (const each of controllers) await writeFile(passOn, `+${each}`).catch(() => undefined);
  for (const folder of await cgroupFolders(name)) await mkdir(folder, { recursive: true });
}

/** A kubelet links its containers' logs from here, wherever they are. */
async function removeLogLinks(folder: string): Promise<void> {
  const links = '/var/log/containers';
  for (const name of await readdir(links).catch(() => [])) {
    const link = path.join(links, name);
    const target = await readlink(link).catch(() => '');
    if (target.startsWith(`${folder}/`)) await unlink(link);
  }
  await rmdir(links).catch(() => undefined);
}

async function removeTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await removeTree(path.join(folder, entry.name));
  await rmdir(folder).catch(() => undefined);
}
