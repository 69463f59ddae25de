/** `ncsweep dash`: the live page of sweeps, until Ctrl-C. */
import process from 'node:process';
import { openDash } from 'ncsweep/dash';
import { clusterOptions } from './cluster/options.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { sweepOptions } from './shared-options.ts';
import { checkWholeNumber } from './whole-number.ts';

const untilInterrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

export const dashCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.dash,
    builder: (yargs) =>
      yargs
        .positional('sweeps', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe:
            'sweep files, names of sweeps that were run here, or of Sweeps on the cluster; default: all that were run here',
        })
        .options({
          ...clusterOptions,
          ...sweepOptions(tools),
          port: { type: 'number', requiresArg: true, default: 0, describe: 'port on this machine; 0: one that is free' },
        })
        .check(({ port }) => {
          checkWholeNumber('port', port, 0);
          return true;
        })
        .example('$0 dash', 'prints an address of this machine; open it in a browser'),
    handler: async ({ sweeps, port, ...choice }) => {
      const onAddress = (address: string): void => {
        process.stdout.write(`${address}\n`);
      };
      const dash = await openDash(sweeps, { ...choice, port, onAddress, machine: tools });
      process.stderr.write('The address lets one browser in. It shows, and changes nothing. Ctrl-C ends it.\n');
      await untilInterrupted();
      await dash.close();
    },
  });
