/** `ncsweep list` and `status`. */
import process from 'node:process';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import type { CommandModule } from 'yargs';
import { clusterOptions, connect, formatted, namePositional, outputOption, type NamedArguments, type Output } from './options.ts';
import { statusText, sweepTable } from './table.ts';

export const listCommand: CommandModule<object, ClusterChoice & { readonly all: boolean; readonly output: Output }> = {
  command: 'list',
  describe: 'Sweeps on the cluster',
  builder: (yargs) =>
    yargs.options({
      ...clusterOptions,
      ...outputOption,
      all: { alias: ['A', 'all-namespaces'], type: 'boolean', default: false, describe: 'of all namespaces' },
    }),
  handler: async ({ all, output, ...choice }) => {
    const sweeps = await (await connect(choice)).list(all);
    process.stdout.write(output === 'table' ? sweepTable(sweeps, all, Date.now()) : formatted(sweeps, output));
  },
};

export const statusCommand: CommandModule<object, NamedArguments & { readonly output: Output }> = {
  command: 'status <name>',
  describe: 'How far a Sweep on the cluster is, and why',
  builder: (yargs) => yargs.positional('name', namePositional).options({ ...clusterOptions, ...outputOption }),
  handler: async ({ name, output, ...choice }) => {
    const found = await (await connect(choice)).get(name);
    process.stdout.write(output === 'table' ? statusText(found) : formatted(found, output));
  },
};
