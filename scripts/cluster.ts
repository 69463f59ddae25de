/**
 * A trial cluster: control plane, a node, NATS, S3 and the chart, on this machine's loopback (test/harness/real-cluster.ts).
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
  const programs = [path.dirname(serverProgram('kube/kubectl')), path.dirname(serverProgram('helm'))].join(':');
  return [
    ...Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`),
    `export PATH="$PATH:${programs}"   # kubectl, helm`,
    '',
  ].join('\n');
}

/** The process that holds the cluster. */
async function hold(): Promise<void> {
  const ended = new Promise<void>((resolve) => process.once('SIGTERM', resolve));
  const cluster = await RealCluster.start((step) => process.stdout.write(`${step}\n`));
  writeFileSync(readyFile, exports(cluster));
  await ended;
  await cluster.stop();
}

async function up(): Promise<void> {
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
  process.stderr.write('starting a cluster (half a minute)\n');
  while (!existsSync(readyFile)) {
    if (!isRunning()) throw new Error(`the cluster did not start:\n${readFileSync(logFile, 'utf8').slice(-3000)}`);
    await pause(200);
  }
  process.stdout.write(readFileSync(readyFile, 'utf8'));
  process.stderr.write('\nPaste the lines above, or: eval "$(make -s cluster)". Then: kubectl apply -f sweeps/quickstart.yaml\n');
}

async function down(): Promise<void> {
  if (isRunning()) process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
  while (isRunning()) await pause(200);
  rmSync(folder, { recursive: true, force: true });
}

const actions: Readonly<Record<string, () => Promise<void>>> = { up, down, hold };
const action = actions[process.argv[2] ?? ''];
if (action === undefined) throw new Error('expected up or down');
await action();
