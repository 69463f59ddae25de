/** Whether a cluster can run Sweeps. */
import type { ClusterInspection } from '@ncsweep/orchestrator/kube/cluster-inspection';
import { failed, ok, warning, wordsOf, type Finding } from './check.ts';

/** @param gpuResource that worker pods request; empty for none; undefined: what the install says */
export async function checkCluster(cluster: ClusterInspection, gpuResource: string | undefined): Promise<Finding[]> {
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
      return ok(name, 'the one of this ncsweep');
    case 'other':
      return warning(
        name,
        'of another version than this ncsweep',
        'helm upgrade brings it up to date; an older one refuses newer fields',
      );
    case 'absent':
      return failed(name, 'this cluster knows no Sweeps', 'install the chart (docs/kubernetes.md)');
    case undefined:
      return warning(name, 'you may not read it', 'whoever administers the cluster can run this');
  }
}

async function checkRights(cluster: ClusterInspection): Promise<Finding> {
  return (await cluster.mayCreateSweeps())
    ? ok('rights', `you may create Sweeps in ${cluster.namespace}`)
    : failed(
        'rights',
        `you may not create Sweeps in ${cluster.namespace}`,
        'be given the cluster role `edit` there, or name another namespace with -n',
      );
}

/** What the chart asks for when nobody says otherwise. */
const usualDevice = 'nvidia.com/gpu';

/** @param asked what a person named; undefined: what the install asks for */
async function checkDevices(cluster: ClusterInspection, asked: string | undefined): Promise<Finding[]> {
  if (asked !== undefined) return asked === '' ? [] : [await checkDevice(cluster, asked)];
  const wanted = await cluster.workerDevices();
  if (wanted === undefined) {
    const remedy = 'name it with --gpu (empty: none), or whoever administers the cluster can run this';
    return [warning('devices', 'you may not read which devices the pods of this install ask for', remedy)];
  }
  if (wanted === 'no install') return [await checkDevice(cluster, usualDevice)];
  if (wanted.length === 0) return [ok('devices', 'none needed: worker pods of this install compute on the CPU')];
  return Promise.all(wanted.map((device) => checkDevice(cluster, device)));
}

async function checkDevice(cluster: ClusterInspection, resource: string): Promise<Finding> {
  const offered = await cluster.offered(resource);
  if (offered === undefined) return warning('devices', 'you may not read nodes', 'whoever administers the cluster can run this');
  if (offered > 0) return ok('devices', `nodes offer ${offered} ${resource}`);
  return failed(
    'devices',
    `no node offers ${resource}`,
    "install its device plugin, or set the chart's worker.gpu.resource (empty: none)",
  );
}
