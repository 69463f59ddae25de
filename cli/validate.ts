/** `ncsweep validate`: every problem of a sweep file at once. */
import process from 'node:process';
import { InvalidSweepError, pathText, type PlacedProblem } from '@ncsweep/orchestrator/planning/spec/problem';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import type { CommandModule } from 'yargs';
import { exitCodes } from './exit-codes.ts';
import { sweepBytes } from './sweep-file.ts';

interface ValidateArguments {
  readonly file: string;
  readonly set: readonly string[];
  readonly output: string;
}

const asJson = ({ origin, line, column, path, found, expected, remedy }: PlacedProblem) => ({
  ...{ file: origin, line: line ?? null, column: column ?? null, path: pathText(path), found, expected, remedy },
});

/** Problems of a file, without reading the datasets and weights it names. @throws NotFoundError */
async function problemsOf(file: string, set: readonly string[]): Promise<InvalidSweepError | undefined> {
  try {
    readSweep({ bytes: await sweepBytes(file), file, set });
    return undefined;
  } catch (error) {
    if (error instanceof InvalidSweepError) return error;
    throw error;
  }
}

export const validateCommand: CommandModule<object, ValidateArguments> = {
  command: 'validate <file>',
  describe: 'Check a sweep file: every problem with its line and remedy',
  builder: (yargs) =>
    yargs.positional('file', { type: 'string', demandOption: true, describe: 'sweep file' }).options({
      set: { type: 'string', array: true, requiresArg: true, default: [], describe: 'override, path=value' },
      output: { alias: 'o', choices: ['table', 'json'], default: 'table', describe: 'form of the output' },
    }),
  handler: async ({ file, set, output }) => {
    const error = await problemsOf(file, set);
    if (error !== undefined) process.exitCode = exitCodes.invalidInput;
    if (output === 'json') {
      process.stdout.write(
        `${JSON.stringify({ valid: error === undefined, problems: error?.problems.map(asJson) ?? [] }, null, 2)}\n`,
      );
    } else if (error === undefined) process.stdout.write(`${file} is valid. Next: ncsweep plan ${file}\n`);
    else process.stderr.write(`${error.message}\n`);
  },
};
