/** `ncsweep doctor`: what is wrong with a cluster, its NATS and its store, and what to do. */
import process from 'node:process';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import { inspectCluster } from 'ncsweep/cluster/connect';
import { clusterOptions } from '../cluster/options.ts';
import type { CommandTools } from '../command-tools.ts';
import { defineCommand } from '../define-command.ts';
import { listedCommands } from '../listed-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { connectionOf, natsOptions, type NatsChoice } from '../nats-options.ts';
import { outputOption } from '../shared-options.ts';
import { findingsText, type Finding } from './check.ts';

interface DoctorArguments extends ClusterChoice, NatsChoice {
  readonly cluster: boolean;
  readonly store: string | undefined;
  readonly gpu: string | undefined;
}

/** @throws InvalidInputError when there is nothing to check, so that nothing passes for sound */
async function findingsOf({ cluster, store, gpu, ...choice }: DoctorArguments): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (cluster) {
    const { checkCluster } = await import('./cluster-checks.ts');
    findings.push(...(await checkCluster(await inspectCluster(choice), gpu)));
  }
  const nats = await connectionOf(choice);
  if (!cluster && nats === undefined && store === undefined)
    throw new InvalidInputError('doctor --no-cluster: nothing to check; expected --nats or --store beside it');
  if (nats !== undefined) {
    const { checkStream } = await import('./stream-checks.ts');
    findings.push(...(await checkStream(nats, choice.install)));
  }
  if (store !== undefined) findings.push(...(await (await import('./store-checks.ts')).checkStore(store)));
  return findings;
}

export const doctorCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.doctor,
    builder: (yargs) =>
      yargs.options({
        ...clusterOptions,
        ...natsOptions(tools),
        cluster: {
          type: 'boolean',
          default: true,
          describe: 'check the cluster; --no-cluster checks only the NATS and store that are named',
        },
        store: { type: 'string', requiresArg: true, describe: 'the store: s3://bucket/prefix or a directory' },
        gpu: { type: 'string', describe: 'resource that worker pods request; empty: none; default: what the install says' },
        ...outputOption,
      }),
    handler: async ({ output, ...args }) => {
      const findings = await findingsOf(args);
      process.stdout.write(output === 'json' ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings));
      if (findings.some(({ outcome }) => outcome === 'failed')) process.exitCode = exitCodes.error;
    },
  });
