/** `ncsweep dataset digest`, `push` and `list`: the content digest by which files enter ids, and datasets in a store. */
import process from 'node:process';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { datasetDigest, listDatasetFiles } from '@ncsweep/protocol/store/dataset-files';
import { expectedFiles, fileDatasetNames, type FileDatasetName } from '@ncsweep/catalog/datasets';
import { listNames, type NamedDataset } from '@ncsweep/protocol/store/dataset-records';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { pushDataset } from '@ncsweep/protocol/store/push-dataset';
import type { CommandModule } from 'yargs';
import type { CommandTools } from './command-tools.ts';
import { sizeText } from './size-text.ts';

/** What lies in a folder. @throws InvalidInputError */
async function recognise(folder: string): Promise<FileDatasetName> {
  for (const name of fileDatasetNames) {
    if (await listDatasetFiles(expectedFiles(name), folder).then(() => true, () => false)) return name; // prettier-ignore
  }
  throw new InvalidInputError(
    `${folder}: not the files of ${fileDatasetNames.join(', ')}; name one with --dataset to hear what is missing`,
  );
}

const folderOption = { type: 'string', demandOption: true, describe: 'folder of the files' } as const;
const datasetOption = { choices: fileDatasetNames, describe: 'which dataset; default: recognised' } as const;

const storeOptions = (tools: CommandTools) =>
  ({
    store: {
      type: 'string',
      requiresArg: true,
      default: tools.defaultStore,
      describe: 'store: a directory or s3://bucket/prefix',
    },
    output: { alias: 'o', choices: ['table', 'json'], default: 'table', describe: 'form of the output' },
  }) as const;

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

interface DigestArguments {
  readonly folder: string;
  readonly dataset: FileDatasetName | undefined;
}

const digestCommand: CommandModule<object, DigestArguments> = {
  command: 'digest <folder>',
  describe: 'Print the content digest of a dataset, for `digest:` in a sweep',
  builder: (yargs) => yargs.positional('folder', folderOption).options({ dataset: datasetOption }),
  handler: async ({ folder, dataset }) => {
    const name = dataset ?? (await recognise(folder));
    process.stdout.write(`${await datasetDigest(expectedFiles(name), folder)}  ${name}\n`);
  },
};

interface PushArguments extends DigestArguments {
  readonly name: string;
  readonly store: string;
  readonly output: string;
}

const pushCommand = (tools: CommandTools): CommandModule<object, PushArguments> => ({
  command: 'push <name> <folder>',
  describe: 'Bring a dataset into a store, for `pushed:` in a sweep; goes on where it stopped',
  builder: (yargs) =>
    yargs
      .positional('name', { type: 'string', demandOption: true, describe: 'name that stands for these files from now on' })
      .positional('folder', folderOption)
      .options({ ...storeOptions(tools), dataset: datasetOption }),
  handler: async ({ name, folder, dataset, store: location, output }) => {
    const store = await openStore(location, 'write');
    const sent = { shards: 0, bytes: 0, there: 0 };
    const onShard = (sizeBytes: number, wasThere: boolean): void => {
      sent[wasThere ? 'there' : 'shards'] += 1;
      if (!wasThere) sent.bytes += sizeBytes;
      if (process.stderr.isTTY) process.stderr.write(`\r${sent.shards + sent.there} shards, ${sizeText(sent.bytes)} sent `);
    };
    const kind = dataset ?? (await recognise(folder));
    const request = { name, dataset: kind, expected: expectedFiles(kind), folder, nowMs: Date.now(), onShard };
    const pushed = await pushDataset(store, request);
    if (output === 'json') {
      process.stdout.write(jsonText({ ...pushed, sent }));
      return;
    }
    const what = sent.shards + sent.there === 0 ? 'was there already' : `sent ${sizeText(sent.bytes)} in ${sent.shards} shards`;
    process.stdout.write(
      `${name}: ${kind}, ${sizeText(pushed.sizeBytes)}, ${what}\n` +
        `In a sweep: {name: ${kind}, pushed: ${name}}, or for ever the same {name: ${kind}, digest: ${pushed.digest}}\n`,
    );
  },
});

interface ListArguments {
  readonly store: string;
  readonly output: string;
}

const listCommand = (tools: CommandTools): CommandModule<object, ListArguments> => ({
  command: 'list',
  describe: 'Datasets that were pushed to a store',
  builder: (yargs) => yargs.options(storeOptions(tools)),
  handler: async ({ store: location, output }) => {
    const found: NamedDataset[] = [];
    for await (const named of listNames(await openStore(location, 'read'))) found.push(named);
    const lines = found.map(
      ({ name, dataset, sizeBytes, digest }) =>
        `${name.padEnd(24)} ${dataset.padEnd(12)} ${sizeText(sizeBytes).padStart(10)}  ${digest}\n`,
    );
    const text = lines.length === 0 ? `No datasets in ${location}. Next: ncsweep dataset push NAME FOLDER\n` : lines.join('');
    process.stdout.write(output === 'json' ? jsonText(found) : text);
  },
});

export const datasetCommand = (tools: CommandTools): CommandModule => ({
  command: 'dataset <command>',
  describe: 'Datasets in files and in a store: digest, push, list',
  builder: (yargs) =>
    yargs
      .command(digestCommand)
      .command(pushCommand(tools))
      .command(listCommand(tools))
      .demandCommand(1, 'Name a command: digest, push or list.'),
  handler: () => undefined,
});
