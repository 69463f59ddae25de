/** `ncsweep doctor`: what is wrong with a cluster, its NATS and its store, and what to do. */
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import type { CommandModule } from 'yargs';
import { clusterOptions } from '../cluster/options.ts';
import { exitCodes } from '../exit-codes.ts';
import { findingsText, type Finding } from './check.ts';

interface DoctorArguments extends ClusterChoice {
  readonly cluster: boolean;
  readonly store: string | undefined;
  readonly nats: string | undefined;
  readonly natsCreds: string | undefined;
  readonly natsCa: string | undefined;
  readonly install: string;
  readonly gpu: string;
  readonly output: string;
}

async function findingsOf({
  cluster,
  store,
  nats,
  natsCreds,
  natsCa,
  install,
  gpu,
  ...choice
}: DoctorArguments): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (cluster) {
    const { inspectCluster } = await import('@ncsweep/orchestrator/kube/cluster-inspection');
    const { checkCluster } = await import('./cluster-checks.ts');
    findings.push(...(await checkCluster(inspectCluster(choice), gpu)));
  }
  if (nats !== undefined) {
    const { checkStream } = await import('./stream-checks.ts');
    const options = {
      ...{ servers: nats, name: 'ncsweep doctor' },
      ...(natsCreds !== undefined && { credentials: await readFile(natsCreds) }),
      ...(natsCa !== undefined && { authority: await readFile(natsCa, 'utf8') }),
    };
    findings.push(...(await checkStream(options, install)));
  }
  if (store !== undefined) findings.push(...(await (await import('./store-checks.ts')).checkStore(store)));
  return findings;
}

export const doctorCommand: CommandModule<object, DoctorArguments> = {
  command: 'doctor',
  describe: 'Find what is wrong with a cluster, its NATS and its store, and what to do',
  builder: (yargs) =>
    yargs.options({
      ...clusterOptions,
      cluster: { type: 'boolean', default: true, describe: 'look at the cluster (--no-cluster: only at what is named)' },
      store: { type: 'string', requiresArg: true, describe: 'the store: s3://bucket/prefix or a directory' },
      nats: { type: 'string', requiresArg: true, describe: 'NATS: nats://host:4222' },
      'nats-creds': {
        type: 'string',
        requiresArg: true,
        describe: 'credentials for NATS: a .creds file, or one with the seed of an nkey or user:password',
      },
      'nats-ca': { type: 'string', requiresArg: true, describe: "PEM of the authority that signed NATS's certificate" },
      install: { type: 'string', requiresArg: true, default: 'ncsweep', describe: 'id of the install' },
      gpu: { type: 'string', default: 'nvidia.com/gpu', describe: 'resource that worker pods ask for; empty: none' },
      output: { alias: 'o', choices: ['table', 'json'], default: 'table', describe: 'form of the output' },
    }) as never,
  handler: async (args) => {
    const findings = await findingsOf(args);
    process.stdout.write(args.output === 'json' ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings));
    if (findings.some(({ outcome }) => outcome === 'failed')) process.exitCode = exitCodes.error;
  },
};
