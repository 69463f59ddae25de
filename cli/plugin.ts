/** `ncsweep plugin`: begin a plug-in, try its parts, bring it into a store, look at those there. */
import process from 'node:process';
import type { PluginPart, PluginPartKind } from '@ncsweep/catalog/plugins/manifest';
import { partKinds } from 'ncsweep/plugins/first-parts';
import { newPlugin } from 'ncsweep/plugins/new-plugin';
import { listPlugins, pushPlugin, showPlugin } from 'ncsweep/plugins/pushed-plugins';
import { testPlugin, type PluginRow } from 'ncsweep/plugins/test-plugin';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { outputOption, storeOption } from './shared-options.ts';

const folderPositional = { type: 'string', demandOption: true, describe: 'folder with a plugin.yaml' } as const;

const rowText = ({ part, language, check, passed, found }: PluginRow): string =>
  `${passed ? 'ok  ' : 'FAIL'}  ${part.padEnd(24)} ${language.padEnd(10)} ${check}\n${passed ? '' : `      ${found.replaceAll('\n', '\n      ')}\n`}`;

const newCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'new <name>',
    describe: 'Write a folder with a plug-in to begin with',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'of the plug-in and of its folder, here' })
        .options({
          kind: { choices: partKinds, array: true, default: ['attack', 'loss'], describe: 'what it has a part of' },
          language: {
            choices: ['python', 'ts'],
            array: true,
            default: ['python'],
            describe: 'in which its parts are written: PyTorch, TensorFlow.js, or both',
          },
        }),
    handler: async ({ name, kind, language }) => {
      const languages = language.map((each) => (each === 'ts' ? 'TypeScript' : 'Python'));
      const { folder, files } = await newPlugin(name, { kinds: kind as PluginPartKind[], languages });
      process.stdout.write(`${folder}: ${files.join(', ')}. Next: ${tools.program} plugin test ${folder}\n`);
    },
  });

const testCommand = defineCommand({
  command: 'test <folder>',
  describe: 'Try each part of a plug-in on a small network',
  builder: (yargs) => yargs.positional('folder', folderPositional).options({ ...outputOption }),
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

const paramsText = ({ params }: PluginPart): string =>
  Object.entries(params)
    .map(([name, schema]) => `${name}${schema.default === undefined ? '' : `=${schema.default}`}`)
    .join(', ');
const kindWidth = Math.max(...partKinds.map((kind) => kind.length));
const partText = (part: PluginPart): string =>
  `  ${part.kind.padEnd(kindWidth)} ${part.name.padEnd(24)} ${[part.summary, paramsText(part)].filter(Boolean).join('; ')}\n`;
const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const pushCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'push <folder>',
    describe: 'Copy a plug-in into a store, where workers and clusters find it',
    builder: (yargs) => yargs.positional('folder', folderPositional).options({ ...storeOption(tools), ...outputOption }),
    handler: async ({ folder, store, output }) => {
      const { reference, manifest, isNew } = await pushPlugin(folder, { store });
      const text = `${manifest.plugin}: ${isNew ? 'pushed to' : 'already in'} ${store}\nIn a sweep: plugins: [${reference}]\n`;
      process.stdout.write(output === 'json' ? jsonText({ reference, isNew }) : text);
    },
  });

const listCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'list',
    describe: 'List the plug-ins in a store',
    builder: (yargs) => yargs.options({ ...storeOption(tools), ...outputOption }),
    handler: async ({ store, output }) => {
      const found = await listPlugins({ store });
      const lines = found.map(({ reference, manifest }) => {
        const parts = manifest.parts.map(({ kind, name }) => `${kind} ${name}`).join(', ');
        return `${reference}  ${parts}\n`;
      });
      const none = `No plug-ins in ${store}. Next: ${tools.program} plugin push FOLDER\n`;
      process.stdout.write(output === 'json' ? jsonText(found) : lines.join('') || none);
    },
  });

const showCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'show <plugin>',
    describe: 'Show a plug-in in a store: its parts, their parameters and its files',
    builder: (yargs) =>
      yargs
        .positional('plugin', { type: 'string', demandOption: true, describe: 'its name, or the beginning of its identity' })
        .options({ ...storeOption(tools), ...outputOption }),
    handler: async ({ plugin, store, output }) => {
      const found = await showPlugin(plugin, { store });
      const { reference, manifest, files } = found;
      const head = `${reference}\n${manifest.summary === '' ? '' : `${manifest.summary}\n`}`;
      const text = `${head}${manifest.parts.map(partText).join('')}  ${'files'.padEnd(kindWidth)} ${Object.keys(files).join(', ')}\n`;
      process.stdout.write(output === 'json' ? jsonText(found) : text);
    },
  });

export const pluginCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.plugin,
    builder: (yargs) =>
      yargs
        .command(newCommand(tools))
        .command(testCommand)
        .command(pushCommand(tools))
        .command(listCommand(tools))
        .command(showCommand(tools))
        .demandCommand(1, 'Name a command: new, test, push, list or show.'),
    handler: () => undefined,
  });
