/** How to reach the cluster: as kubectl does, or by the pod's own service account. */
import { KubeConfig } from '@kubernetes/client-node';

export function kubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config;
}
