/** `ncsweep adopt`: continues a Sweep under the science of an upgraded install. */
import process from 'node:process';
import { adoptScience } from 'ncsweep/cluster/adopt';
import { commandText } from '../command-text.ts';
import type { CommandTools } from '../command-tools.ts';
import { defineCommand } from '../define-command.ts';
import { listedCommands } from '../listed-commands.ts';
import { clusterOptions, formatted, namePositional, resourceOutput } from './options.ts';

export const adoptCommand = ({ program }: CommandTools) =>
  defineCommand({
    ...listedCommands.adopt,
    builder: (yargs) =>
      yargs.positional('name', namePositional).options({
        ...clusterOptions,
        ...resourceOutput,
        yes: { type: 'boolean', default: false, describe: 'do it; without this option, only the cost is shown' },
        store: {
          type: 'string',
          requiresArg: true,
          describe: 'location of its store as seen from here; default: as its pods see it',
        },
      }),
    handler: async ({ name, yes, output, ...choice }) => {
      const { resource, offered, cells, anew, seconds } = await adoptScience(name, { dryRun: !yes, ...choice });
      const { scienceVersions = {} } = resource.status ?? {};
      const changes = Object.entries(offered).map(([of, version]) => `${of} ${scienceVersions[of] ?? 1} → ${version}`);
      const cost = `${anew} of ${cells} cells recomputed, about ${Math.ceil(seconds / 60)} min; earlier results stay in the store`;
      const next = yes ? 'continues' : `Next: ${commandText(program, 'adopt', name, '--yes')}`;
      const said =
        changes.length === 0
          ? 'nothing to adopt, because this install computes it as planned'
          : `${changes.join(', ')}: ${cost}. ${next}`;
      (output === 'table' ? process.stdout : process.stderr).write(`${name}: ${said}\n`);
      if (output !== 'table') process.stdout.write(formatted(resource, output));
    },
  });
