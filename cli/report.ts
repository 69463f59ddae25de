/** `ncsweep report`: writes the report of a sweep from what its store holds; executes nothing. */
import path from 'node:path';
import process from 'node:process';
import { ingest } from '@ncsweep/orchestrator/engine/ingest/ingest';
import { LineTables } from '@ncsweep/orchestrator/engine/ingest/line-tables';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { verdictLines } from '@ncsweep/report/aggregate/verdict-lines';
import { renderReport } from '@ncsweep/report/render/render-report';
import type { CommandModule } from 'yargs';
import { clusterOptions } from './cluster/options.ts';
import type { CommandTools } from './command-tools.ts';
import { findSweep, sweepOptions, sweepPositional, type SweepChoice } from './find-sweep.ts';
import { writeAtomically } from './write-atomically.ts';

export interface WrittenReport {
  /** The page to open. */
  readonly indexPath: string;
  /** One line a claim, for the terminal. */
  readonly verdicts: readonly string[];
}

/** Judges and renders the tables into `outDir`; equal tables give equal files. */
export async function writeReport(tables: SweepTables, outDir: string): Promise<WrittenReport> {
  const verdicts = judgeSweep(tables);
  for (const [name, content] of renderReport(tables, verdicts)) await writeAtomically(path.join(outDir, name), content);
  return { indexPath: path.join(outDir, 'index.html'), verdicts: verdictLines(verdicts) };
}

/** Into the store, beside the results it is of; the page last, because a reader begins there. @returns one line a claim */
async function publishReport(tables: SweepTables, store: ObjectStore, uid: string): Promise<readonly string[]> {
  const verdicts = judgeSweep(tables);
  const encoder = new TextEncoder();
  for (const [name, content] of [...renderReport(tables, verdicts)].reverse())
    await store.put(keys.report(uid, name), typeof content === 'string' ? encoder.encode(content) : content);
  return verdictLines(verdicts);
}

interface ReportArguments extends SweepChoice {
  readonly sweep: string;
  readonly publish: boolean;
  readonly out: string | undefined;
  readonly output: 'table' | 'json';
}

export const reportCommand = (tools: CommandTools): CommandModule<object, ReportArguments> => ({
  command: 'report <sweep>',
  describe: 'Write the report of what the store holds; executes nothing',
  builder: (yargs) =>
    yargs
      .positional('sweep', sweepPositional)
      .options({
        ...clusterOptions,
        ...sweepOptions(tools),
        out: { type: 'string', requiresArg: true, describe: 'folder of the report; default: out/<name>' },
        publish: { type: 'boolean', default: false, describe: 'write it into the store instead, as the report of --uid' },
        output: { alias: 'o', choices: ['table', 'json'] as const, default: 'table' as const, describe: 'form of the output' },
      })
      .example('$0 report quickstart', 'out/quickstart/index.html'),
  handler: async ({ sweep, publish, out, output, ...choice }) => {
    const { plan, store, uid } = await findSweep(sweep, choice, tools, publish ? 'write' : 'read');
    const lines = await LineTables.open(store, uid);
    const tables = await ingest(plan.sweep, plan, store, { tables: lines });
    if (publish) await lines.save();
    const written: { readonly indexPath?: string; readonly verdicts: readonly string[] } = publish
      ? { verdicts: await publishReport(tables, store, uid) }
      : await writeReport(tables, out ?? path.join('out', plan.sweep.name));
    const { verdicts, indexPath } = written;
    const said = [...verdicts, ...(indexPath === undefined ? [] : [indexPath])].map((line) => `${line}\n`);
    process.stdout.write(output === 'json' ? `${JSON.stringify(written, null, 2)}\n` : said.join(''));
  },
});
