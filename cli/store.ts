/** `ncsweep store gc` and `ncsweep store fsck`. */
import process from 'node:process';
import { checkStore, collectGarbage } from 'ncsweep/care-for-store';
import { sizeText } from 'ncsweep/size-text';
import { commandText } from './command-text.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { outputOption, storeOption } from './shared-options.ts';
import { checkNumber } from './whole-number.ts';

const gcCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'gc',
    describe: 'Remove abandoned files and results that no sweep wants',
    builder: (yargs) =>
      yargs.options({
        ...storeOption(tools),
        ...outputOption,
        'dry-run': { type: 'boolean', default: false, describe: 'only list what would be removed' },
        'grace-days': { type: 'number', requiresArg: true, default: 30, describe: 'keep unwanted results for this long' },
      }),
    handler: async ({ store, output, dryRun, graceDays }) => {
      checkNumber('grace-days', graceDays, 0);
      const garbage = await collectGarbage({ store, dryRun, graceDays });
      if (output === 'json') {
        process.stdout.write(`${JSON.stringify({ dryRun, garbage }, null, 2)}\n`);
        return;
      }
      const groups = [...Map.groupBy(garbage, ({ reason }) => reason)].map(([reason, items]) => {
        const bytes = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        return `${reason.padEnd(18)} ${String(items.length).padStart(7)} objects  ${sizeText(bytes).padStart(10)}`;
      });
      process.stdout.write([...groups, `${garbage.length} objects ${dryRun ? 'would be' : 'were'} removed`, ''].join('\n'));
    },
  });

const fsckCommand = (tools: CommandTools) =>
  defineCommand({
    command: 'fsck',
    describe: 'Check every result and artifact',
    builder: (yargs) =>
      yargs.options({
        ...storeOption(tools),
        ...outputOption,
        repair: { type: 'boolean', default: false, describe: 'remove damaged results, so that the next run recomputes them' },
      }),
    handler: async ({ store, output, repair }) => {
      const report = await checkStore({ store, repair });
      if (report.damages.length > 0 && !repair) process.exitCode = exitCodes.error;
      if (output === 'json') {
        process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
        return;
      }
      const lines = report.damages.map(({ key, problem }) => `${key}: ${problem}`);
      lines.push(
        `${report.results} results, ${report.artifacts} artifacts, ${sizeText(report.bytes)}: ${report.damages.length} damaged`,
      );
      if (report.damages.length > 0)
        lines.push(
          repair
            ? 'Removed; the next run recomputes them.'
            : `Remedy: ${commandText(tools.program, 'store', 'fsck', '--store', store, '--repair')}, then run the sweep again.`,
        );
      process.stdout.write(`${lines.join('\n')}\n`);
    },
  });

export const storeCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.store,
    builder: (yargs) =>
      yargs.command(gcCommand(tools)).command(fsckCommand(tools)).demandCommand(1, 'Name a command: gc or fsck.'),
    handler: () => undefined,
  });
