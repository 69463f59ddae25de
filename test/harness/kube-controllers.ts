/** What makes an API server a cluster: Kubernetes' own controllers and scheduler. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServerProcess } from './server-process.ts';
import type { KubeApi } from './kube-api.ts';

export async function startControllers({ kubeconfig, files }: KubeApi): Promise<{ stop(): Promise<void> }> {
  const scheduling = path.join(files.folder, 'scheduler.json');
  const config = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    leaderElection: { leaderElect: false },
    clientConnection: { kubeconfig, qps: 1000, burst: 2000 },
  };
  await writeFile(scheduling, JSON.stringify(config));
  const serving = (port: number): string[] => [
    ...['--bind-address=127.0.0.1', `--secure-port=${port}`, '--authorization-always-allow-paths=/healthz,/metrics'],
    `--cert-dir=${path.join(files.folder, `certificates-${port}`)}`,
  ];
  const servers = await Promise.all([
    ServerProcess.start('kube/kube-controller-manager', (port) => [
      ...[...serving(port), `--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--use-service-account-credentials=false'],
      ...[`--service-account-private-key-file=${files.signingKey}`, `--root-ca-file=${files.authority}`],
      ...['--kube-api-qps=1000', '--kube-api-burst=2000', '--concurrent-job-syncs=20'],
    ]),
    ServerProcess.start('kube/kube-scheduler', (port) => [...serving(port), `--config=${scheduling}`]),
  ]);
  return {
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
