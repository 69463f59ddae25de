/** `ncsweep run` and `ncsweep smoke`: a sweep on this machine, from file to report. */
import { localBackendChoices } from '@ncsweep/catalog/backends';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { shrinkSweep } from '@ncsweep/orchestrator/planning/spec/shrink';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { isMade } from '@ncsweep/catalog/datasets';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { CommandModule } from 'yargs';
import type { BackendChoice, CommandTools } from './command-tools.ts';
import { exitCodes } from './exit-codes.ts';
import { outputFor } from './run-output.ts';
import { clock } from './run-progress.ts';
import { runSweep, type SweepRun } from './run-sweep.ts';

interface RunArguments {
  readonly file: string;
  readonly set: readonly string[];
  readonly workers: number | undefined;
  readonly threads: number;
  readonly backend: BackendChoice | undefined;
  readonly json: boolean;
}

const shared = {
  set: { type: 'string', array: true, requiresArg: true, default: [] as string[], describe: 'override of the file, path=value' },
  workers: { type: 'number', requiresArg: true, describe: 'worker processes; default: execution.parallelism' },
  threads: { type: 'number', requiresArg: true, default: 1, describe: 'threads of each worker' },
  backend: {
    choices: localBackendChoices,
    describe: 'what computes; default: as the sweep says',
  },
  json: { type: 'boolean', default: false, describe: 'print events as JSON lines' },
} as const;

function checkCounts({ workers, threads }: RunArguments): true {
  for (const [name, value] of Object.entries({ workers, threads }))
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      throw new InvalidInputError(`--${name}: expected a whole number from 1, found ${value}`);
  return true;
}

function intervalNote(sweep: Sweep): string {
  const n = sweep.seeds.length;
  return n > 1 ? `(n = ${n}, paired ${100 * sweep.report.confidence} % intervals)` : '(n = 1: direction only)';
}

/** The last words of a run, and its exit code. */
function conclude({ summary, report }: SweepRun, sweep: Sweep, command: string): { text: string; exitCode: number } {
  const { counts, parked, stuck, elapsedMs } = summary;
  if (report === undefined) {
    const held = counts.cached + counts.done;
    const text = `Stopped: ${held} of ${counts.total} cells are in the store. The same command goes on from there: ${command}\n`;
    return { text, exitCode: exitCodes.interrupted };
  }
  const lines = [`Done in ${clock(elapsedMs / 1000)}        ${intervalNote(sweep)}`, ...report.verdicts];
  const synthetic = sweep.datasets.every(({ params }) => isMade(params));
  lines.push(`${synthetic ? 'Qualitative, synthetic data.   ' : ''}${report.indexPath}`);
  const failures = [...parked, ...stuck];
  if (failures.length > 0) {
    lines.push(`${failures.length} cells have no result, and ${counts.blocked} wait for them:`);
    lines.push(...failures.slice(0, 5).map(([cellId, reason]) => `  ${cellId.slice(0, 12)}  ${reason}`));
    lines.push(`More: ncsweep show ${failures[0]![0].slice(0, 12)}. Once the cause is gone: ${command} --retry-failed`);
  }
  return { text: `${lines.join('\n')}\n`, exitCode: failures.length > 0 ? exitCodes.finishedWithFailures : exitCodes.ok };
}

interface Job {
  readonly sweep: Sweep;
  readonly storeLocation: string;
  readonly outDir: string;
  readonly retryFailed: boolean;
  readonly command: string;
}

async function execute(args: RunArguments, job: Job, tools: CommandTools): Promise<SweepRun> {
  const { sweep } = job;
  const output = outputFor(args.json, process.stdout);
  const backend = await tools.resolveBackend(args.backend ?? sweep.execution.backend);
  try {
    const run = await runSweep({
      ...job,
      ...{ backend, workers: args.workers ?? sweep.execution.parallelism, threads: args.threads },
      ...{
        environment: tools.environment,
        cacheFolder: tools.cacheFolder,
        onPlan: (plan) => output.plan(plan),
        onEvent: (event) => output.event(event),
      },
    });
    output.close();
    const { text, exitCode } = conclude(run, sweep, job.command);
    if (args.json) {
      const { counts, interrupted, elapsedMs } = run.summary;
      process.stdout.write(
        `${JSON.stringify({ kind: 'ended', counts, interrupted, elapsedMs, report: run.report, exitCode })}\n`,
      );
    } else process.stdout.write(text);
    process.exitCode = exitCode;
    return run;
  } finally {
    output.close();
  }
}

export const runCommand = (
  tools: CommandTools,
): CommandModule<object, RunArguments & { store: string; out: string | undefined; retryFailed: boolean }> => ({
  command: 'run <file>',
  describe: 'Run a sweep on this machine, up to its report; goes on where it stopped',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'sweep file' })
      .options({
        ...shared,
        store: {
          type: 'string',
          requiresArg: true,
          default: tools.defaultStore,
          describe: 'store: a directory or s3://bucket/prefix',
        },
        out: { type: 'string', requiresArg: true, describe: 'folder of the report; default: out/<name>' },
        'retry-failed': { type: 'boolean', default: false, describe: 'try parked cells again' },
      })
      .check(checkCounts)
      .example('$0 run sweeps/quickstart.yaml', 'four verdicts and out/quickstart/index.html') as never,
  handler: async (args) => {
    const sweep = await tools.loadSweep(args.file, args.set, args.store);
    const { store, out, retryFailed } = args;
    const job = { sweep, storeLocation: store, outDir: out ?? path.join('out', sweep.name), retryFailed };
    await execute(args, { ...job, command: `ncsweep run ${args.file}` }, tools);
  },
});

export const smokeCommand = (tools: CommandTools): CommandModule<object, RunArguments> => ({
  command: 'smoke <file>',
  describe: 'Run a shrunken version of a sweep in about a minute, to find mistakes',
  builder: (yargs) =>
    yargs.positional('file', { type: 'string', demandOption: true, describe: 'sweep file' }).options(shared).check(checkCounts),
  handler: async (args) => {
    const sweep = await tools.loadSweep(args.file, args.set, tools.defaultStore);
    const small = shrinkSweep(sweep);
    const made = sweep.datasets.filter(({ params }, i) => params.name !== small.datasets[i]?.params.name);
    const notes = made.map(({ name }) => `${name} has no files here: smoke uses made images of its size\n`);
    process.stderr.write(notes.join(''));
    const outDir = path.join('out', small.name);
    const storeLocation = path.join(outDir, 'store');
    await rm(storeLocation, { recursive: true, force: true });
    const run = await execute(
      args,
      { sweep: small, storeLocation, outDir, retryFailed: false, command: `ncsweep smoke ${args.file}` },
      tools,
    );
    if (run.report !== undefined && !args.json)
      process.stdout.write('The smoke run says nothing about the science: its networks are tiny and untrained.\n');
  },
});
