/** `ncsweep list` and `status`. */
import process from 'node:process';
import { connectCluster } from 'ncsweep/cluster/connect';
import { defineCommand } from '../define-command.ts';
import { listedCommands } from '../listed-commands.ts';
import { clusterOptions, formatted, namePositional, resourceOutput } from './options.ts';
import { statusText, sweepTable } from './table.ts';

export const listCommand = defineCommand({
  ...listedCommands.list,
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
  ...listedCommands.status,
  builder: (yargs) => yargs.positional('name', namePositional).options({ ...clusterOptions, ...resourceOutput }),
  handler: async ({ name, output, ...choice }) => {
    const found = await (await connectCluster(choice)).get(name);
    process.stdout.write(output === 'table' ? statusText(found) : formatted(found, output));
  },
});
