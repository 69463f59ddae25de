/**
 * A trial cluster: control plane, a node, NATS, S3 and the chart, on this machine's loopback (test/harness/real-cluster.ts). With
 * IMAGES in the environment, it installs the chart on an existing cluster (cluster/existing.ts).
 *   node scripts/cluster.ts up      starts it in the background and prints what a shell needs
 *   node scripts/cluster.ts down    ends it and leaves nothing behind
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RealCluster } from '../test/harness/real-cluster.ts';
import { serverProgram } from '../test/harness/server-process.ts';
import { useExisting } from './cluster/existing.ts';
import { exportLines, folderOfPrograms, pathLine, script, unbuilt } from './cluster/programs.ts';
import { runProgram, runSteps } from './cluster/steps.ts';
import { moreWorkers, trialImages } from './cluster/trial-images.ts';

const folder = fileURLToPath(new URL('../.cache/cluster', import.meta.url));
const [pidFile, readyFile, logFile] = ['pid', 'ready', 'log'].map((name) => path.join(folder, name)) as [string, string, string];

function isRunning(): boolean {
  if (!existsSync(pidFile)) return false;
  try {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}

function exports({ api, s3, storeLocation }: RealCluster): string {
  const variables = { KUBECONFIG: api.kubeconfig, ...s3.environment, NCSWEEP_STORE: storeLocation };
  const programs = folderOfPrograms(path.join(folder, 'bin'), 'kube/kubectl', 'helm');
  return `${[...exportLines(variables), `${pathLine(programs)}   # kubectl, helm`].join('\n')}\n`;
}

/** The process that holds the cluster. */
async function hold(): Promise<void> {
  const ended = new Promise<void>((resolve) => process.once('SIGTERM', resolve));
  const say = (step: string): void => void process.stdout.write(`${step}\n`);
  const cluster = await RealCluster.start(say, moreWorkers(process.env['WORKERS'] ?? ''));
  writeFileSync(readyFile, exports(cluster));
  await ended;
  await cluster.stop();
}

const servers = ['kube', 'helm', 'nats-server', 'versitygw'];

/** Says what the first time costs and how to avoid it, before it begins. */
function announceBuild(): void {
  if (!unbuilt('kube').includes('kube')) return;
  process.stderr.write(
    'Kubernetes itself is built from source the first time: about 25 minutes on two idle cores, an hour when they are busy. To avoid ' +
      `it:\n  use an existing cluster:  make cluster IMAGES=kind, or IMAGES=registry.example.org/lab (docs/kubernetes.md)\n` +
      `  or copy what another Linux machine with this checkout has built:  ${path.dirname(serverProgram('helm'))}\n`,
  );
}

async function hereFromNothing(workers: readonly string[]): Promise<string> {
  announceBuild();
  await runSteps([
    {
      says: 'containerd, runc and a C compiler (installed with apt if missing)',
      run: () => runProgram(script('setup-node.sh'), []),
    },
    {
      says: `${unbuilt(...servers).join(', ') || 'Kubernetes, helm, NATS and S3'}: built from source unless they are there`,
      run: () => runProgram(script('servers/build.sh'), servers),
    },
    {
      says: 'container images of this checkout (three minutes the first time)',
      run: () => runProgram(script('images/build.sh'), [...trialImages, ...workers]),
    },
    { says: 'control plane, node, NATS, S3 and the chart (half a minute)', run: start },
  ]);
  return readFileSync(readyFile, 'utf8');
}

async function start(): Promise<void> {
  if (!isRunning()) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const log = openSync(logFile, 'w');
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), 'hold'], {
      detached: true,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    writeFileSync(pidFile, String(child.pid));
    child.unref();
  }
  while (!existsSync(readyFile)) {
    if (!isRunning()) throw new Error(`the cluster did not start:\n${readFileSync(logFile, 'utf8').slice(-3000)}`);
    await pause(200);
  }
}

async function up(): Promise<void> {
  const { IMAGES: images = '', VALUES: values = '', WORKERS = '' } = process.env;
  const workers = moreWorkers(WORKERS);
  const wanted = { images, values: values || undefined, workers };
  const lines = images === '' ? await hereFromNothing(workers) : await useExisting(wanted, folder);
  process.stdout.write(lines);
  const again = images === '' ? 'make -s cluster' : `make -s cluster IMAGES=${images}`;
  process.stderr.write(`\nPaste the lines above, or: eval "$(${again})". Then: kubectl apply -f sweeps/quickstart.yaml\n`);
}

async function down(): Promise<void> {
  if (isRunning()) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
  while (isRunning()) await pause(200);
  rmSync(folder, { recursive: true, force: true });
}

const actions: Readonly<Record<string, () => Promise<void>>> = { up, down, hold };
const action = actions[process.argv[2] ?? ''];
if (action === undefined) throw new Error('expected up or down');
try {
  await action();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
