/** `ncsweep dataset digest`: the content digest by which files enter ids. */
import process from 'node:process';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { datasetDigest, fileDatasetNames, listDatasetFiles, type FileDatasetName } from '@ncsweep/protocol/store/dataset-files';
import type { CommandModule } from 'yargs';

interface DigestArguments {
  readonly folder: string;
  readonly dataset: FileDatasetName | undefined;
}

/** What lies in a folder. @throws InvalidInputError */
async function recognise(folder: string): Promise<FileDatasetName> {
  for (const name of fileDatasetNames) {
    if (await listDatasetFiles(name, folder).then(() => true, () => false)) return name; // prettier-ignore
  }
  throw new InvalidInputError(
    `${folder}: not the files of ${fileDatasetNames.join(', ')}; name one with --dataset to hear what is missing`,
  );
}

const digestCommand: CommandModule<object, DigestArguments> = {
  command: 'digest <folder>',
  describe: 'Print the content digest of a dataset, for `digest:` in a sweep',
  builder: (yargs) =>
    yargs.positional('folder', { type: 'string', demandOption: true, describe: 'folder of the files' }).options({
      dataset: { choices: fileDatasetNames, describe: 'which dataset; default: recognised' },
    }),
  handler: async ({ folder, dataset }) => {
    const name = dataset ?? (await recognise(folder));
    process.stdout.write(`${await datasetDigest(name, folder)}  ${name}\n`);
  },
};

export const datasetCommand: CommandModule = {
  command: 'dataset <command>',
  describe: 'Datasets in files',
  builder: (yargs) => yargs.command(digestCommand).demandCommand(1, 'Name a command: digest.'),
  handler: () => undefined,
};
