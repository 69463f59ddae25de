/** `ncsweep report`: writes the report of a sweep from what its store holds; executes nothing. */
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { ingest } from '@ncsweep/orchestrator/ingest/ingest';
import { LineTables } from '@ncsweep/orchestrator/ingest/line-tables';
import { readLedger } from '@ncsweep/orchestrator/ingest/roots';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/sweep-client';
import { planSweep, type Plan } from '@ncsweep/orchestrator/plan/plan';
import { sweepUid } from '@ncsweep/orchestrator/plan/sweep-uid';
import { NotFoundError } from '@ncsweep/protocol/errors';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { SweepTables } from '@ncsweep/protocol/tables';
import { judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { verdictLines } from '@ncsweep/report/aggregate/verdict-lines';
import { renderReport } from '@ncsweep/report/render/render-report';
import type { CommandModule } from 'yargs';
import { clusterOptions, connect } from './cluster/options.ts';
import { storeOf } from './cluster/store-of.ts';
import type { BackendChoice, CommandTools } from './command-tools.ts';

export interface WrittenReport {
  /** The page to open. */
  readonly indexPath: string;
  /** One line a claim, for the terminal. */
  readonly verdicts: readonly string[];
}

/** Writes aside and moves, so that a reader never sees half a file. */
async function writeAtomically(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.tmp`;
  await writeFile(aside, content);
  await rename(aside, file);
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

interface ReportArguments extends ClusterChoice {
  readonly sweep: string;
  readonly uid: string | undefined;
  readonly publish: boolean;
  readonly store: string | undefined;
  readonly out: string | undefined;
  readonly set: readonly string[];
  readonly backend: BackendChoice | undefined;
}

type LocatedReport = ReportArguments & { readonly store: string };

/** The plan of a sweep file, for the backend that last ran it unless another is asked for. */
async function planOfFile(args: LocatedReport, store: ObjectStore, tools: CommandTools): Promise<Plan> {
  const sweep = await tools.loadSweep(args.sweep, args.set, args.store);
  const choice = args.backend ?? sweep.execution.backend;
  const known = choice === 'auto' ? await readLedger(store, sweepUid(sweep.name)) : undefined;
  return planSweep(sweep, known?.backend ?? (await tools.resolveBackend(choice)), sweep.execution.evaluationBatchSize);
}

/** The plan under which a name was last run, or of a Sweep on the cluster. @throws NotFoundError when there is none */
async function planOfName(args: ReportArguments, store: ObjectStore, tools: CommandTools): Promise<Plan> {
  const ledger = await readLedger(store, args.uid ?? sweepUid(args.sweep));
  if (ledger === undefined)
    throw new NotFoundError(`${args.sweep}: neither a file nor a sweep that was run with store ${store.location}`);
  const backend = args.backend === undefined ? ledger.backend : await tools.resolveBackend(args.backend);
  return planSweep(ledger.sweep, backend, ledger.batchSize);
}

/** A name that is no file and was not run from here is looked for on the cluster. @throws NotFoundError */
async function located(args: ReportArguments, here: string): Promise<LocatedReport> {
  const { sweep, uid, store = here } = args;
  if (uid !== undefined || existsSync(sweep)) return { ...args, store };
  if ((await readLedger(await openStore(store, 'read'), sweepUid(sweep))) !== undefined) return { ...args, store };
  try {
    const resource = await (await connect(args)).get(sweep);
    return { ...args, uid: resource.metadata.uid, store: storeOf(resource, args.store) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new NotFoundError(`${sweep}: neither a file nor a sweep that was run with store ${store}; on the cluster: ${reason}`, {
      cause: error,
    });
  }
}

export const reportCommand = (tools: CommandTools): CommandModule<object, ReportArguments> => ({
  command: 'report <sweep>',
  describe: 'Write the report of what the store holds; executes nothing',
  builder: (yargs) =>
    yargs
      .positional('sweep', {
        type: 'string',
        demandOption: true,
        describe: 'sweep file, or name of a sweep that was run here or is on the cluster',
      })
      .options({
        ...clusterOptions,
        store: {
          type: 'string',
          requiresArg: true,
          describe: `store: a directory or s3://bucket/prefix; default: ${tools.defaultStore}, or that of the Sweep`,
        },
        out: { type: 'string', requiresArg: true, describe: 'folder of the report; default: out/<name>' },
        uid: {
          type: 'string',
          requiresArg: true,
          describe: "uid of a cluster's Sweep, when the store holds several of the name",
        },
        publish: { type: 'boolean', default: false, describe: 'write it into the store instead, as the report of --uid' },
        set: { type: 'string', array: true, requiresArg: true, default: [], describe: 'override of the file, path=value' },
        backend: {
          choices: ['auto', 'native', 'native-gpu', 'native-cpu', 'wasm'] as const,
          describe: 'whose results; default: those of the last run',
        },
      })
      .example('$0 report quickstart', 'out/quickstart/index.html'),
  handler: async (given) => {
    const args = await located(given, tools.defaultStore);
    const { uid, publish } = args;
    const store = await openStore(args.store, publish ? 'write' : 'read');
    const plan = await (uid === undefined && existsSync(args.sweep) ? planOfFile : planOfName)(args, store, tools);
    const lines = await LineTables.open(store, uid ?? sweepUid(plan.sweep.name));
    const tables = await ingest(plan.sweep, plan, store, { tables: lines });
    if (publish) {
      await lines.save();
      const verdicts = await publishReport(tables, store, uid ?? sweepUid(plan.sweep.name));
      process.stdout.write([...verdicts, ''].join('\n'));
      return;
    }
    const { indexPath, verdicts } = await writeReport(tables, args.out ?? path.join('out', plan.sweep.name));
    process.stdout.write([...verdicts, indexPath, ''].join('\n'));
  },
});
