/** `ncsweep contract test -- COMMAND`: does a compute program follow the compute protocol? */
import process from 'node:process';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { testContract, type ContractRow } from 'ncsweep/contract/test-contract';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { outputOption } from './shared-options.ts';
import { checkWholeNumber } from './whole-number.ts';

function rowText({ id, title, passed, found, ms }: ContractRow): string {
  const seconds = `${(ms / 1000).toFixed(1)} s`;
  const first = `${passed ? 'ok  ' : 'FAIL'}  ${id.padEnd(22)} ${seconds.padStart(7)}  ${title}\n`;
  return passed ? first : `${first}      ${found.replaceAll('\n', '\n      ')}\n`;
}

export const contractCommand = defineCommand({
  ...listedCommands.contract,
  builder: (yargs) =>
    yargs
      .positional('action', { choices: ['test'] as const, demandOption: true, describe: 'what to do' })
      .positional('program', { type: 'string', array: true, describe: 'the program and its arguments, after --' })
      .options({
        backend: { type: 'string', default: 'wasm', requiresArg: true, describe: 'backend that the program is asked to open' },
        threads: { type: 'number', default: 1, requiresArg: true, describe: 'threads of its kernels' },
        only: { type: 'string', array: true, requiresArg: true, describe: 'ids of the checks to run; default: all' },
        ...outputOption,
      })
      .example('$0 contract test --backend torch-cpu -- python3 -m ncsweep_torch', 'a program in Python'),
  handler: async ({ program: before = [], _: beyond, backend, threads, only, output }) => {
    checkWholeNumber('threads', threads, 1);
    const program = [...before, ...beyond.slice(1).map(String)]; // what stands after -- is no argument of ours
    if (program.length === 0)
      throw new InvalidInputError(
        'contract test: no program; expected one and its arguments after --, as in `-- python3 -m my_program`',
      );
    const onRow = (row: ContractRow): void => void process.stdout.write(rowText(row));
    const rows = await testContract({
      command: program,
      backend,
      threads,
      ...(only && { only }),
      ...(output !== 'json' && { onRow }),
    });
    const failed = rows.filter(({ passed }) => !passed).length;
    if (output === 'json') process.stdout.write(`${JSON.stringify({ passed: rows.length - failed, failed, rows }, null, 2)}\n`);
    else process.stdout.write(`${rows.length - failed} of ${rows.length} passed\n`);
    if (failed > 0) process.exitCode = exitCodes.error;
  },
});
