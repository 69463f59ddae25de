/** `ncsweep plugin new` and `test`: begin a plug-in, try its parts. */
import process from 'node:process';
import { newPlugin } from 'ncsweep/plugins/new-plugin';
import { testPlugin, type PluginRow } from 'ncsweep/plugins/test-plugin';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { outputOption } from './shared-options.ts';

const rowText = ({ part, check, passed, found }: PluginRow): string =>
  `${passed ? 'ok  ' : 'FAIL'}  ${part.padEnd(24)} ${check}\n${passed ? '' : `      ${found.replaceAll('\n', '\n      ')}\n`}`;

const newCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'new <name>',
    describe: 'Write a folder with a plug-in to begin with: an attack and a loss in Python',
    builder: (yargs) =>
      yargs.positional('name', { type: 'string', demandOption: true, describe: 'of the plug-in and of its folder, here' }),
    handler: async ({ name }) => {
      const folder = await newPlugin(name);
      process.stdout.write(`${folder}: plugin.yaml, attacks.py, losses.py. Next: ${tools.program} plugin test ${folder}\n`);
    },
  });

const testCommand = defineCommand({
  command: 'test <folder>',
  describe: 'Try each part of a plug-in on a small network',
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', demandOption: true, describe: 'folder with a plugin.yaml' })
      .options({ ...outputOption }),
  handler: async ({ folder, output }) => {
    const { plugin, identity, rows } = await testPlugin(folder);
    const failed = rows.filter(({ passed }) => !passed).length;
    const summary = `${rows.length - failed} of ${rows.length} passed: ${plugin}@sha256:${identity}\n`;
    const text =
      output === 'json' ? `${JSON.stringify({ plugin, identity, rows }, null, 2)}\n` : rows.map(rowText).join('') + summary;
    process.stdout.write(text);
    if (failed > 0) process.exitCode = exitCodes.error;
  },
});

export const pluginCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.plugin,
    builder: (yargs) => yargs.command(newCommand(tools)).command(testCommand).demandCommand(1, 'Name a command: new or test.'),
    handler: () => undefined,
  });
