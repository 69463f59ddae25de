/** `ncsweep pull`: weights, tables and report of a sweep, from its store into a folder; and images and features, made again and checked. */
import path from 'node:path';
import process from 'node:process';
import { ingest } from '@ncsweep/orchestrator/engine/ingest/ingest';
import { cellsWhere, choose } from '@ncsweep/orchestrator/planning/plan/where';
import type { Cell } from '@ncsweep/catalog/cell';
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
import { pullArrays, type PulledArrays } from './pull-arrays.ts';
import { pullWeights, type Pulled } from './pull-weights.ts';
import { writeReport } from './report.ts';
import { sizeText } from './size-text.ts';
import { writeAtomically } from './write-atomically.ts';

const kinds = ['weights', 'tables', 'report', 'images', 'features'] as const;

interface PullArguments extends SweepChoice {
  readonly sweep: string;
  readonly what: readonly (typeof kinds)[number][];
  readonly where: readonly string[];
  readonly out: string | undefined;
  readonly most: number;
  readonly mostGb: number;
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
  readonly arrays?: PulledArrays;
  /** Relative to the folder. */
  readonly files: readonly string[];
}

async function pullTables({ what, where }: PullArguments, { plan, store }: FoundSweep, folder: string): Promise<string[]> {
  const files: string[] = [];
  if (!what.includes('tables') && !what.includes('report')) return files;
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
  return files;
}

function pullSnapshots({ plan, store }: FoundSweep, snapshots: readonly Cell[], folder: string): Promise<Pulled> {
  let count = 0;
  const onFile = (file: string, receivedBytes: number): void => {
    count += 1;
    const how = receivedBytes === 0 ? 'was there' : sizeText(receivedBytes);
    process.stderr.write(`${count} of ${snapshots.length}  ${file}  ${how}\n`);
  };
  return pullWeights({ plan, store, folder }, snapshots, onFile);
}

async function pull(args: PullArguments, found: FoundSweep, folder: string, tools: CommandTools): Promise<Written> {
  const { what, where, most, mostGb: mostGigabytes } = args;
  const snapshots = what.includes('weights') ? cellsWhere(found.plan, where, 'snapshot') : undefined;
  const files = await pullTables(args, found, folder);
  const weights = snapshots && (await pullSnapshots(found, snapshots, folder));
  files.push(...(weights?.files ?? []).map(({ file }) => file));
  const [images, features] = [what.includes('images'), what.includes('features')];
  if (!images && !features) return { files, ...(weights && { weights }) };
  const arrays = await pullArrays(found, { folder, where, images, features, most, mostGigabytes }, tools);
  for (const cell of arrays.cells) files.push(...['cell.json', ...cell.files].map((file) => path.join(cell.folder, file)));
  return { files, ...(weights && { weights }), arrays };
}

function weightsLines({ files, missing, bytesReceived }: Pulled): string[] {
  const lines = [`manifest.json names their cells and digests`, `${files.length} weights, ${sizeText(bytesReceived)} received`];
  if (missing.length > 0) lines.push(`${missing.length} snapshots have no weights yet:`);
  return [
    ...lines,
    ...missing.slice(0, 10).map(({ cellId, label, state, reason }) => `  ${cellId.slice(0, 12)}  ${label}  ${reason ?? state}`),
  ];
}

function arraysLines({ cells, missing }: PulledArrays): string[] {
  const verdicts = [...Map.groupBy(cells, ({ verdict }) => verdict)].map(([verdict, { length }]) => `${length} ${verdict}`);
  const lines = [`arrays of ${cells.length} evaluations, each with its cell.json: ${verdicts.join(', ') || 'none'}`];
  if (missing.length > 0) lines.push(`${missing.length} evaluations' arrays did not come:`);
  return [...lines, ...missing.slice(0, 10).map(({ cellId, label, reason }) => `  ${cellId.slice(0, 12)}  ${label}  ${reason}`)];
}

function summary({ weights, arrays, files }: Written, folder: string): string {
  const lines = [
    `${files.length} files in ${folder}`,
    ...(weights ? weightsLines(weights) : []),
    ...(arrays ? arraysLines(arrays) : []),
  ];
  return `${lines.join('\n')}\n`;
}

function exitCodeFor({ weights, arrays }: Written): number {
  if (arrays?.interrupted) return exitCodes.interrupted;
  const isWhole = (weights?.missing.length ?? 0) + (arrays?.missing.length ?? 0) === 0;
  return isWhole ? exitCodes.ok : exitCodes.finishedWithFailures;
}

function checkLimitOptions({ most, 'most-gb': mostGb }: { readonly most: number; readonly 'most-gb': number }): true {
  if (!(Number.isSafeInteger(most) && most >= 1))
    throw new InvalidInputError(`--most: expected a whole number from 1, found ${most}`);
  if (!(mostGb > 0)) throw new InvalidInputError(`--most-gb: expected a number above 0, found ${mostGb}`);
  return true;
}

export const pullCommand = (tools: CommandTools): CommandModule<object, PullArguments> => ({
  command: 'pull <sweep>',
  describe: 'Bring weights, tables, report, images and features of a sweep into a folder; goes on where it stopped',
  builder: (yargs) =>
    yargs
      .positional('sweep', sweepPositional)
      .options({
        ...clusterOptions,
        ...sweepOptions(tools),
        what: {
          choices: kinds,
          array: true,
          requiresArg: true,
          default: ['weights', 'tables'],
          coerce: (what: readonly string[]) => what.flatMap((text) => text.split(',')),
          describe: 'what to bring; images and features are made again here, and checked against the results',
        },
        where: {
          type: 'string',
          array: true,
          requiresArg: true,
          default: [],
          describe: 'only those with axis=value[,value…], such as training=AT',
        },
        most: { type: 'number', requiresArg: true, default: 20, describe: 'evaluations whose arrays are made again at most' },
        'most-gb': {
          type: 'number',
          requiresArg: true,
          default: 20,
          describe: '10⁹ bytes of arrays that are made again at most',
        },
        out: { type: 'string', requiresArg: true, describe: 'folder; default: pulled/<name>' },
        output: {
          alias: 'o',
          choices: ['table', 'json', 'name'],
          default: 'table',
          describe: 'form of the output; name: the files',
        },
      })
      .check(checkLimitOptions)
      .example(
        '$0 pull quickstart --what weights --where training=AT epoch=last',
        'pulled/quickstart/weights/AT-seed-1-….safetensors',
      )
      .example(
        '$0 pull quickstart --what images,features --where training=AT seed=1 attack=pgd10 epsilon=8/255 layer=gap',
        'NumPy files: attacked images, features of one layer, logits, labels',
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
    const written = await pull(args, found, folder, tools);
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
    process.exitCode = exitCodeFor(written);
  },
});
