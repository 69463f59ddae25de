/** `ncsweep adopt`: continues a Sweep under the science of an upgraded install. */
import process from 'node:process';
import { adoptScience } from 'ncsweep/cluster/adopt';
import { commandText } from '../command-text.ts';
import type { CommandTools } from '../command-tools.ts';
import { defineCommand } from '../define-command.ts';
import { clusterOptions, formatted, namePositional, resourceOutput } from './options.ts';

export const adoptCommand = ({ program }: CommandTools) =>
  defineCommand({
    command: 'adopt <name>',
    describe: 'Go on with a Sweep under the science of an upgraded install',
    builder: (yargs) =>
      yargs.positional('name', namePositional).options({
        ...clusterOptions,
        ...resourceOutput,
        yes: { type: 'boolean', default: false, describe: 'do it; without it, only say what it costs' },
        store: { type: 'string', requiresArg: true, describe: 'where its store is from here; default: as its pods see it' },
      }),
    handler: async ({ name, yes, output, ...choice }) => {
      const { resource, offered, cells, anew, seconds } = await adoptScience(name, { dryRun: !yes, ...choice });
      const { scienceVersions = {} } = resource.status ?? {};
      const changes = Object.entries(offered).map(([of, version]) => `${of} ${scienceVersions[of] ?? 1} → ${version}`);
      const cost = `${anew} of ${cells} cells computed anew, about ${Math.ceil(seconds / 60)} min; earlier results stay in the store`;
      const next = yes ? 'goes on' : `Next: ${commandText(program, 'adopt', name, '--yes')}`;
      const said = changes.length === 0 ? 'this install computes as it was planned' : `${changes.join(', ')}: ${cost}. ${next}`;
      (output === 'table' ? process.stdout : process.stderr).write(`${name}: ${said}\n`);
      if (output !== 'table') process.stdout.write(formatted(resource, output));
    },
  });
