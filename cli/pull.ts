/** `ncsweep pull`: weights, tables and report of a sweep, from its store into a folder. */
import path from 'node:path';
import process from 'node:process';
import { ingest } from '@ncsweep/orchestrator/engine/ingest/ingest';
import { cellsWhere, choose } from '@ncsweep/orchestrator/planning/plan/where';
import type { CellNames } from '@ncsweep/orchestrator/planning/plan/cell-names';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { TrialRow } from '@ncsweep/protocol/tables';
import { tableFiles } from '@ncsweep/report/files/table-files';
import type { CommandModule } from 'yargs';
import { clusterOptions } from './cluster/options.ts';
import type { CommandTools } from './command-tools.ts';
import { exitCodes } from './exit-codes.ts';
import { findSweep, sweepOptions, sweepPositional, type FoundSweep, type SweepChoice } from './find-sweep.ts';
import { pullWeights, type Pulled } from './pull-weights.ts';
import { writeReport } from './report.ts';
import { sizeText } from './size-text.ts';
import { writeAtomically } from './write-atomically.ts';

const kinds = ['weights', 'tables', 'report'] as const;

interface PullArguments extends SweepChoice {
  readonly sweep: string;
  readonly what: readonly (typeof kinds)[number][];
  readonly where: readonly string[];
  readonly out: string | undefined;
  readonly output: 'table' | 'json' | 'name';
}

const rowNames = (row: TrialRow): CellNames => ({
  ...{ dataset: [row.dataset], architecture: [row.architecture], training: [row.training], seed: [String(row.seed)] },
  ...{ epoch: [String(row.epoch)], attack: [row.attack], epsilon: [row.epsilon], split: [row.split] },
  ...{ layer: [row.layer], pooling: [row.pooling], labels: [row.labels] },
});

/** The tables of the rows that are wanted. @throws InvalidInputError */
function narrowed(tables: SweepTables, where: readonly string[]): SweepTables {
  const trials = choose(tables.trials, rowNames, where, 'rows');
  const ids = new Set(trials.map(({ trialId }) => trialId));
  return { ...tables, trials, matrices: tables.matrices.filter(({ trialId }) => ids.has(trialId)) };
}

interface Written {
  readonly weights?: Pulled;
  /** Relative to the folder. */
  readonly files: readonly string[];
}

async function pull({ what, where }: PullArguments, found: FoundSweep, folder: string): Promise<Written> {
  const { plan, store } = found;
  const snapshots = what.includes('weights') ? cellsWhere(plan, where, 'snapshot') : undefined;
  const files: string[] = [];
  if (what.includes('tables') || what.includes('report')) {
    const tables = await ingest(plan.sweep, plan, store);
    if (what.includes('tables'))
      for (const [name, content] of tableFiles(narrowed(tables, where))) {
        await writeAtomically(path.join(folder, 'tables', name), content);
        files.push(path.join('tables', name));
      }
    if (what.includes('report')) {
      const { indexPath } = await writeReport(tables, path.join(folder, 'report'));
      files.push(path.relative(folder, indexPath));
    }
  }
  if (snapshots === undefined) return { files };
  let count = 0;
  const onFile = (file: string, receivedBytes: number): void => {
    count += 1;
    const how = receivedBytes === 0 ? 'was there' : sizeText(receivedBytes);
    process.stderr.write(`${count} of ${snapshots.length}  ${file}  ${how}\n`);
  };
  const weights = await pullWeights({ plan, store, folder }, snapshots, onFile);
  return { weights, files: [...files, ...weights.files.map(({ file }) => file)] };
}

function summary({ weights, files }: Written, folder: string): string {
  const held = weights?.missing ?? [];
  const lines = [
    `${files.length} files in ${folder}${weights === undefined ? '' : '; manifest.json names their cells and digests'}`,
  ];
  if (weights !== undefined) lines.push(`${weights.files.length} weights, ${sizeText(weights.bytesReceived)} received`);
  if (held.length > 0) lines.push(`${held.length} snapshots have no weights yet:`);
  lines.push(
    ...held.slice(0, 10).map(({ cellId, label, state, reason }) => `  ${cellId.slice(0, 12)}  ${label}  ${reason ?? state}`),
  );
  return `${lines.join('\n')}\n`;
}

export const pullCommand = (tools: CommandTools): CommandModule<object, PullArguments> => ({
  command: 'pull <sweep>',
  describe: 'Bring weights, tables and report of a sweep from its store into a folder; goes on where it stopped',
  builder: (yargs) =>
    yargs
      .positional('sweep', sweepPositional)
      .options({
        ...clusterOptions,
        ...sweepOptions(tools),
        what: { choices: kinds, array: true, requiresArg: true, default: ['weights', 'tables'], describe: 'what to bring' },
        where: {
          type: 'string',
          array: true,
          requiresArg: true,
          default: [],
          describe: 'only those with axis=value[,value…], such as training=AT',
        },
        out: { type: 'string', requiresArg: true, describe: 'folder; default: pulled/<name>' },
        output: {
          alias: 'o',
          choices: ['table', 'json', 'name'],
          default: 'table',
          describe: 'form of the output; name: the files',
        },
      })
      .example(
        '$0 pull quickstart --what weights --where training=AT epoch=last',
        'pulled/quickstart/weights/AT-seed-1-….safetensors',
      ) as never,
  handler: async (args) => {
    const { sweep, what, where, out, output } = args;
    if (where.length > 0 && what.includes('report'))
      throw new InvalidInputError(
        '--where: a report is of the whole sweep; pull weights or tables with it, or the report without it',
      );
    const found = await findSweep(sweep, args, tools);
    const { name } = found.plan.sweep;
    const folder = out ?? path.join('pulled', name);
    const written = await pull(args, found, folder);
    const { planDigest, backend } = found.plan;
    const { weights } = written;
    const manifest = {
      v: 1,
      sweep: name,
      planDigest,
      backend,
      store: found.store.location,
      where,
      weights: weights?.files ?? [],
      missing: weights?.missing ?? [],
    };
    if (weights !== undefined)
      await writeAtomically(path.join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    const text = {
      table: () => summary(written, folder),
      json: () => `${JSON.stringify({ folder, ...written }, null, 2)}\n`,
      name: () => written.files.map((file) => `${path.join(folder, file)}\n`).join(''),
    };
    process.stdout.write(text[output]());
    if ((weights?.missing.length ?? 0) > 0) process.exitCode = exitCodes.finishedWithFailures;
  },
});
