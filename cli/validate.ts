/** `ncsweep validate`: every problem of a sweep file at once. */
import process from 'node:process';
import { pathText } from '@ncsweep/orchestrator/planning/spec/problem';
import { InvalidSweepError, type SweepProblem } from 'ncsweep/errors';
import { validateSweep } from 'ncsweep/load-sweep';
import { commandText, sameSweep } from './command-text.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { filePositional, outputOption, setOption } from './shared-options.ts';

const asJson = ({ origin, line, column, path, found, expected, remedy }: SweepProblem) => ({
  file: origin,
  line: line ?? null,
  column: column ?? null,
  path: pathText(path),
  found,
  expected,
  remedy,
});

export const validateCommand = ({ program }: CommandTools) =>
  defineCommand({
    ...listedCommands.validate,
    builder: (yargs) => yargs.positional('file', filePositional).options({ ...setOption, ...outputOption }),
    handler: async ({ file, set, output }) => {
      const problems = await validateSweep(file, { set });
      const valid = problems.length === 0;
      if (!valid) process.exitCode = exitCodes.invalidInput;
      if (output === 'json') process.stdout.write(`${JSON.stringify({ valid, problems: problems.map(asJson) }, null, 2)}\n`);
      else if (valid)
        process.stdout.write(`${file} is valid. Next: ${commandText(program, 'plan', ...sameSweep({ file, set }))}\n`);
      else process.stderr.write(`${new InvalidSweepError(file, problems).message}\n`);
    },
  });
