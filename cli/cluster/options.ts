/** Options that commands against a cluster share, named as kubectl names them. */
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import { stringify } from 'yaml';

export const clusterOptions = {
  namespace: { alias: 'n', type: 'string', requiresArg: true, describe: 'namespace; default: that of the context' },
  context: { type: 'string', requiresArg: true, describe: 'context of the kubeconfig' },
  kubeconfig: { type: 'string', requiresArg: true, describe: 'kubeconfig; default: KUBECONFIG or ~/.kube/config' },
} as const;

type ResourceOutput = 'table' | 'json' | 'yaml' | 'name';

export const resourceOutput = {
  output: {
    alias: 'o',
    choices: ['table', 'json', 'yaml', 'name'],
    default: 'table' as ResourceOutput,
    describe: 'output format',
  },
} as const;

export const namePositional = {
  type: 'string',
  demandOption: true,
  describe: 'name of the Sweep, or sweep/NAME as `-o name` prints it',
  coerce: (name: string): string => name.replace(/^sweeps?(\.ncsweep\.dev)?\//, ''),
} as const;

export function formatted(value: SweepResource | readonly SweepResource[], output: Exclude<ResourceOutput, 'table'>): string {
  if (output === 'json') return `${JSON.stringify(value, null, 2)}\n`;
  if (output === 'yaml') return stringify(value);
  const all = Array.isArray(value) ? (value as readonly SweepResource[]) : [value as SweepResource];
  return all.map(({ metadata }) => `sweep.ncsweep.dev/${metadata.name}\n`).join('');
}
