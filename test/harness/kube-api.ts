/** A real API server on etcd, on loopback: no controllers, no nodes. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Audited, auditPolicy } from './audit.ts';
import { freePort, ServerProcess } from './server-process.ts';

export interface KubeAnswer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly message?: string };
}

export interface KubeApi {
  /** Path of a kubeconfig that grants all rights. */
  readonly kubeconfig: string;
  /** What the other programs of a cluster need. */
  readonly files: { readonly folder: string; readonly signingKey: string; readonly authority: string; readonly audit: string };
  readonly process: ServerProcess;
  /** Where etcd answers, for its metrics. */
  readonly etcd: string;
  call(method: string, resource: string, body?: unknown, contentType?: string): Promise<KubeAnswer>;
  stop(): Promise<void>;
}

const startLimitMs = 60_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Signs tokens of service accounts. */
async function writeKeys(folder: string): Promise<{ readonly signing: string; readonly verifying: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [signing, verifying] = [path.join(folder, 'sa.key'), path.join(folder, 'sa.pub')];
  await writeFile(signing, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  await writeFile(verifying, publicKey.export({ type: 'spki', format: 'pem' }));
  return { signing, verifying };
}

/** @param audited whose requests the audit log has */
export async function startKubeApi(audited: Audited = 'service accounts'): Promise<KubeApi> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ncsweep-kube-'));
  const token = randomUUID();
  const tokens = path.join(folder, 'tokens.csv');
  await writeFile(tokens, `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const keys = await writeKeys(folder);
  const [policy, audit] = [path.join(folder, 'audit-policy.json'), path.join(folder, 'audit.log')];
  await writeFile(policy, JSON.stringify(auditPolicy(audited)));
  const peer = await freePort();
  const etcd = await ServerProcess.start('kube/etcd', (port) => [
    ...['--data-dir', path.join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'error'],
    ...[`--listen-client-urls=http://127.0.0.1:${port}`, `--advertise-client-urls=http://127.0.0.1:${port}`],
    ...[`--listen-peer-urls=http://127.0.0.1:${peer}`, `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`],
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
  ]);
  const certificates = path.join(folder, 'certificates');
  const server = await ServerProcess.start('kube/kube-apiserver', (port) => [
    ...[`--etcd-servers=http://127.0.0.1:${etcd.port}`, `--secure-port=${port}`, `--cert-dir=${certificates}`],
    ...['--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none'],
    ...[`--token-auth-file=${tokens}`, '--authorization-mode=Node,RBAC', '--allow-privileged=true', '--profiling=false'],
    ...['--service-account-issuer=https://kubernetes.default.svc', '--service-cluster-ip-range=10.96.0.0/16'],
    // As on OpenShift: whoever creates a Job that blocks the deletion of its Sweep needs a right on that Sweep.
    ...['--kubelet-preferred-address-types=Hostname', '--enable-admission-plugins=OwnerReferencesPermissionEnforcement'],
    ...[`--audit-policy-file=${policy}`, `--audit-log-path=${audit}`, '--audit-log-mode=blocking'],
    ...[`--service-account-key-file=${keys.verifying}`, `--service-account-signing-key-file=${keys.signing}`],
  ]);
  const authorityFile = path.join(certificates, 'apiserver.crt');
  const authority = await readFile(authorityFile);
  const call = (method: string, resource: string, body?: unknown, contentType = 'application/json'): Promise<KubeAnswer> =>
    new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: server.port,
          path: resource,
          method,
          ca: authority,
          headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': contentType }) },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const parsed = /^\s*\{/.test(text) ? (JSON.parse(text) as KubeAnswer['body']) : { message: text };
            resolve({ status: incoming.statusCode ?? 0, body: parsed });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const stop = async (): Promise<void> => {
    await server.stop();
    await etcd.stop();
    await rm(folder, { recursive: true, force: true });
  };
  const until = Date.now() + startLimitMs;
  while ((await call('GET', '/readyz').catch(() => undefined))?.status !== 200) {
    if (Date.now() > until) {
      await stop();
      throw new Error('the API server did not become ready');
    }
    await pause(100);
  }
  const kubeconfig = path.join(folder, 'kubeconfig');
  const cluster = { server: `https://127.0.0.1:${server.port}`, 'certificate-authority-data': authority.toString('base64') };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    users: [{ name: 'admin', user: { token } }],
  };
  await writeFile(kubeconfig, JSON.stringify(config), { mode: 0o600 });
  const files = { folder, signingKey: keys.signing, authority: authorityFile, audit };
  return { kubeconfig, files, process: server, etcd: `http://127.0.0.1:${etcd.port}`, call, stop };
}
