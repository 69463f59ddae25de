/** Whether a cluster can run Sweeps. */
import type { ClusterInspection } from '@ncsweep/orchestrator/kube/cluster-inspection';
import { failed, ok, warning, wordsOf, type Finding } from './check.ts';

/** @param gpuResource that worker pods request; empty for none */
export async function checkCluster(cluster: ClusterInspection, gpuResource: string): Promise<Finding[]> {
  try {
    const version = await cluster.version();
    const reached = ok('cluster', `${cluster.server} answers, version ${version}`);
    return [reached, await checkResource(cluster), await checkRights(cluster), ...(await checkDevices(cluster, gpuResource))];
  } catch (error) {
    return [
      failed('cluster', `${cluster.server}: ${wordsOf(error)}`, 'check the kubeconfig, and whether `kubectl version` works'),
    ];
  }
}

async function checkResource(cluster: ClusterInspection): Promise<Finding> {
  const name = 'custom resource';
  switch (await cluster.resource()) {
    case 'current':
      return ok(name, 'that of this ncsweep');
    case 'other':
      return warning(
        name,
        'its version is not that of this ncsweep',
        'update it with helm upgrade; an older one refuses newer fields',
      );
    case 'absent':
      return failed(name, 'this cluster has no Sweep resource', 'install the chart (docs/kubernetes.md)');
    case undefined:
      return warning(name, 'you may not read it', 'ask an administrator of the cluster to run this');
  }
}

async function checkRights(cluster: ClusterInspection): Promise<Finding> {
  return (await cluster.mayCreateSweeps())
    ? ok('rights', `you may create Sweeps in ${cluster.namespace}`)
    : failed(
        'rights',
        `you may not create Sweeps in ${cluster.namespace}`,
        'ask for the cluster role `edit` there, or name another namespace with -n',
      );
}

async function checkDevices(cluster: ClusterInspection, resource: string): Promise<Finding[]> {
  if (resource === '') return [];
  const offered = await cluster.offered(resource);
  if (offered === undefined)
    return [warning('devices', 'you may not read nodes', 'ask an administrator of the cluster to run this')];
  if (offered > 0) return [ok('devices', `nodes offer ${offered} ${resource}`)];
  return [
    failed(
      'devices',
      `no node offers ${resource}`,
      "install its device plugin, or set the chart's worker.gpu.resource (empty: none)",
    ),
  ];
}
