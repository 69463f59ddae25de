/** `ncsweep dataset digest`, `push` and `list`: the content digest by which files enter ids, and datasets in a store. */
import process from 'node:process';
import { fileDatasetNames } from '@ncsweep/catalog/datasets';
import type { FoundData } from '@ncsweep/protocol/found-data';
import { datasetDigest, listDatasets, pushDataset } from 'ncsweep/datasets';
import { sizeText } from 'ncsweep/size-text';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { outputOption, storeOption } from './shared-options.ts';

const folderPositional = { type: 'string', demandOption: true, describe: 'folder of the files' } as const;
const datasetOption = {
  dataset: { choices: fileDatasetNames, describe: 'name of the dataset; default: recognised by its files' },
} as const;

/** Names the files that are not part of the dataset, since nobody will look for them later. */
const tellSkipped = ({ skipped = [] }: FoundData): void => {
  for (const text of skipped) process.stderr.write(`left out: ${text}\n`);
};

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const digestCommand = defineCommand({
  command: 'digest <folder>',
  describe: 'Print the content digest of a dataset, for `digest:` in a sweep',
  builder: (yargs) => yargs.positional('folder', folderPositional).options(datasetOption),
  handler: async ({ folder, dataset }) => {
    const found = await datasetDigest(folder, { dataset });
    if (found.found !== undefined) tellSkipped(found.found);
    process.stdout.write(`${found.digest}  ${found.dataset}\n`);
  },
});

const pushCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'push <name> <folder>',
    describe: 'Upload a dataset to a store, for `pushed:` in a sweep; an interrupted push continues',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'name of these files in the store, from now on' })
        .positional('folder', folderPositional)
        .options({ ...storeOption(tools), ...outputOption, ...datasetOption }),
    handler: async ({ name, folder, dataset, store, output }) => {
      const sent = { shards: 0, bytes: 0, there: 0 };
      const onShard = (sizeBytes: number, wasThere: boolean): void => {
        sent[wasThere ? 'there' : 'shards'] += 1;
        if (!wasThere) sent.bytes += sizeBytes;
        if (process.stderr.isTTY) process.stderr.write(`\r${sent.shards + sent.there} shards, ${sizeText(sent.bytes)} sent `);
      };
      const pushed = await pushDataset(name, folder, { dataset, store, onShard, onFound: tellSkipped });
      if (output === 'json') {
        process.stdout.write(jsonText({ ...pushed, sent }));
        return;
      }
      const shards = sent.shards + sent.there;
      const what = shards === 0 ? 'already there' : `sent ${sizeText(sent.bytes)} in ${sent.shards} shards`;
      process.stdout.write(
        `${name}: ${pushed.dataset}, ${sizeText(pushed.sizeBytes)}, ${what}\n` +
          `In a sweep: {name: ${pushed.dataset}, pushed: ${name}}, or always these same files {name: ${pushed.dataset}, digest: ${pushed.digest}}\n`,
      );
    },
  });

const listCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'list',
    describe: 'List the datasets that were pushed to a store',
    builder: (yargs) => yargs.options({ ...storeOption(tools), ...outputOption }),
    handler: async ({ store, output }) => {
      const found = await listDatasets(store);
      const lines = found.map(
        ({ name, dataset, sizeBytes, digest }) =>
          `${name.padEnd(24)} ${dataset.padEnd(12)} ${sizeText(sizeBytes).padStart(10)}  ${digest}\n`,
      );
      const text =
        lines.length === 0 ? `No datasets in ${store}. Next: ${tools.program} dataset push NAME FOLDER\n` : lines.join('');
      process.stdout.write(output === 'json' ? jsonText(found) : text);
    },
  });

export const datasetCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.dataset,
    builder: (yargs) =>
      yargs
        .command(digestCommand)
        .command(pushCommand(tools))
        .command(listCommand(tools))
        .demandCommand(1, 'Name a command: digest, push or list.'),
    handler: () => undefined,
  });
