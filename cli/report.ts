/** `ncsweep report`: writes the report of a sweep from what its store holds; executes nothing. */
import { statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { tryFolder } from 'ncsweep/output-folder';
import { publishReport, readReport, verdictLines, writeReport } from 'ncsweep/report';
import { clusterOptions } from './cluster/options.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { takeOutFolder } from './out-folder.ts';
import { outputOption, sweepOptions, sweepPositional } from './shared-options.ts';
import { verdictText } from './verdict-text.ts';

const isFile = (sweep: string): boolean => statSync(sweep, { throwIfNoEntry: false })?.isFile() ?? false;

export const reportCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.report,
    builder: (yargs) =>
      yargs
        .positional('sweep', sweepPositional)
        .options({
          ...clusterOptions,
          ...sweepOptions(tools),
          out: { type: 'string', requiresArg: true, describe: 'folder of the report; default: out/<name>' },
          publish: { type: 'boolean', default: false, describe: 'write it into the store instead, as the report of --uid' },
          ...outputOption,
        })
        .example('$0 report quickstart', 'out/quickstart/index.html'),
    handler: async ({ sweep, publish, out, output, ...choice }) => {
      const options = { ...choice, machine: tools };
      if (!publish) tryFolder(out ?? 'out');
      const report = await (publish ? publishReport : readReport)(sweep, options);
      const { name } = report.tables.sweep;
      const folder = out ?? (isFile(sweep) && !publish ? await takeOutFolder(sweep, name) : path.join('out', name));
      const indexPath = publish ? undefined : await writeReport(report, folder);
      const verdicts = verdictLines(report);
      const said = [...verdictText(report), ...(indexPath === undefined ? [] : [indexPath])].map((line) => `${line}\n`);
      const written = { ...(indexPath !== undefined && { indexPath }), verdicts };
      process.stdout.write(output === 'json' ? `${JSON.stringify(written, null, 2)}\n` : said.join(''));
    },
  });
