/** `ncsweep list` and `status`. */
import process from 'node:process';
import { connectCluster } from 'ncsweep/cluster/connect';
import { defineCommand } from '../define-command.ts';
import { clusterOptions, formatted, namePositional, resourceOutput } from './options.ts';
import { statusText, sweepTable } from './table.ts';

export const listCommand = defineCommand({
  command: 'list',
  describe: 'List the Sweeps on the cluster',
  builder: (yargs) =>
    yargs.options({
      ...clusterOptions,
      ...resourceOutput,
      all: { alias: ['A', 'all-namespaces'], type: 'boolean', default: false, describe: 'Sweeps of all namespaces' },
    }),
  handler: async ({ all, output, ...choice }) => {
    const sweeps = await (await connectCluster(choice)).list(all);
    process.stdout.write(output === 'table' ? sweepTable(sweeps, all, Date.now()) : formatted(sweeps, output));
  },
});

export const statusCommand = defineCommand({
  command: 'status <name>',
  describe: 'Show the progress and conditions of a Sweep on the cluster',
  builder: (yargs) => yargs.positional('name', namePositional).options({ ...clusterOptions, ...resourceOutput }),
  handler: async ({ name, output, ...choice }) => {
    const found = await (await connectCluster(choice)).get(name);
    process.stdout.write(output === 'table' ? statusText(found) : formatted(found, output));
  },
});
