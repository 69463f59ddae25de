/** `ncsweep show`: the whole story of a trial or cell. */
import process from 'node:process';
import { tellStory } from 'ncsweep/tell-story';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { fileSetOption, outputOption, storeOption } from './shared-options.ts';
import { storyText } from './story-text.ts';

export const showCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.show,
    builder: (yargs) =>
      yargs
        .positional('id', { type: 'string', demandOption: true, describe: 'trial or cell id, or at least six digits of it' })
        .options({
          ...storeOption(tools),
          file: {
            type: 'string',
            requiresArg: true,
            describe: 'sweep file to search first, before the sweeps that were run with the store',
          },
          ...fileSetOption,
          ...outputOption,
        })
        .example('$0 show 3f2a9c', 'parameters, inputs, attempts, artifacts, failure and metrics'),
    handler: async ({ id, store, file, set, output }) => {
      const sweep = file === undefined ? undefined : await tools.loadSweep(file, set, store);
      const story = await tellStory(id, { store, sweep, machine: tools });
      process.stdout.write(output === 'json' ? `${JSON.stringify(story, null, 2)}\n` : storyText(story));
    },
  });
