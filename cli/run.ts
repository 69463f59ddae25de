/** `ncsweep run` and `ncsweep smoke`: a sweep on this machine, from file to report. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { plannedData } from '@ncsweep/orchestrator/planning/plan/planned-data';
import { shrinkSweep } from '@ncsweep/orchestrator/planning/spec/shrink';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { isMade } from '@ncsweep/catalog/datasets';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { BackendChoice } from 'ncsweep/backends';
import { machineSize } from 'ncsweep/machine-size';
import { runSweep, type SweepRun } from 'ncsweep/run-sweep';
import { commandText, storeWords } from './command-text.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import { giveBackOutFolder, takeOutFolder } from './out-folder.ts';
import { planningProgress } from './planning-progress.ts';
import { outputFor } from './run-output.ts';
import { clock } from './run-progress.ts';
import { backendOption, filePositional, fileSetOption, storeOption } from './shared-options.ts';
import { checkWholeNumber } from './whole-number.ts';

interface RunArguments {
  readonly workers: number | undefined;
  readonly threads: number;
  readonly backend: BackendChoice | undefined;
  readonly json: boolean;
}

const runOptions = {
  ...fileSetOption,
  workers: {
    type: 'number',
    requiresArg: true,
    describe: 'worker processes; default: execution.parallelism, or what this machine has room for',
  },
  threads: { type: 'number', requiresArg: true, default: 1, describe: 'threads of each worker' },
  ...backendOption,
  json: { type: 'boolean', default: false, describe: 'print events as JSON lines' },
} as const;

function checkCounts({ workers, threads }: Pick<RunArguments, 'workers' | 'threads'>): true {
  for (const [name, value] of Object.entries({ workers, threads })) checkWholeNumber(name, value, 1);
  return true;
}

function intervalNote(sweep: Sweep): string {
  const n = sweep.seeds.length;
  return n > 1 ? `(n = ${n}, paired ${100 * sweep.report.confidence} % intervals)` : '(n = 1: direction only)';
}

/** What is about to run, and on how many workers. */
function startText({ sweep, cells, backend }: Plan, workers: number | undefined): string {
  const { workers: room, text } = machineSize();
  const asked = workers ?? sweep.execution.parallelism;
  const why = asked === room ? `as this machine has room for: ${text}` : `this machine has room for ${room}: ${text}`;
  return `${sweep.name}: ${cells.size} cells with ${backend}, ${asked} worker${asked === 1 ? '' : 's'} (${why})\n`;
}

/** What is printed about a report. */
interface WrittenReport {
  /** For programs: the page to open, and one line per claim. */
  readonly document: { readonly indexPath: string | undefined; readonly verdicts: readonly string[] };
  /** For people. */
  readonly verdicts: readonly string[];
}

async function writtenReport({ report }: SweepRun): Promise<WrittenReport | undefined> {
  if (report === undefined) return undefined;
  const [{ verdictLines }, { verdictText }] = await Promise.all([import('ncsweep/report'), import('./verdict-text.ts')]);
  return { document: { indexPath: report.indexPath, verdicts: verdictLines(report) }, verdicts: verdictText(report) };
}

/** The closing text of a run, and its exit code. */
function conclude(
  { counts, parked, stuck, elapsedMs }: SweepRun,
  report: WrittenReport | undefined,
  { sweep, store, again }: Job,
  { program, defaultStore, commandLine }: CommandTools,
): { text: string; exitCode: number } {
  if (report === undefined) {
    const held = counts.cached + counts.done;
    const text = `Stopped: ${held} of ${counts.total} cells are in the store. The same command continues from there: ${commandLine}\n`;
    return { text, exitCode: exitCodes.interrupted };
  }
  const lines = [`Done in ${clock(elapsedMs / 1000)}        ${intervalNote(sweep)}`, ...report.verdicts];
  const synthetic = sweep.datasets.every(({ params }) => isMade(params));
  lines.push(`${synthetic ? 'Qualitative, synthetic data.   ' : ''}${report.document.indexPath ?? ''}`);
  const failures = [...parked, ...stuck];
  if (failures.length > 0) {
    lines.push(`${failures.length} cells have no result, and ${counts.blocked} wait for them:`);
    lines.push(...failures.slice(0, 5).map(([cellId, reason]) => `  ${cellId.slice(0, 12)}  ${reason}`));
    const show = commandText(program, 'show', failures[0]![0].slice(0, 12), ...storeWords(store, defaultStore));
    lines.push(`More: ${show}. After mending the cause: ${again}`);
  }
  return { text: `${lines.join('\n')}\n`, exitCode: failures.length > 0 ? exitCodes.finishedWithFailures : exitCodes.ok };
}

/** Points out what may be unintended in the data, before hours are spent. */
function tellData(sweep: Sweep): void {
  for (const { dataset, notes } of plannedData(sweep)) for (const note of notes) process.stderr.write(`${dataset}: ${note}\n`);
}

interface Job {
  readonly sweep: Sweep;
  readonly store: string;
  readonly outDir: string;
  readonly retryFailed: boolean;
  readonly dash: boolean;
  /** The command that runs failed cells again. */
  readonly again: string;
}

async function execute({ workers, threads, backend, json }: RunArguments, job: Job, tools: CommandTools): Promise<SweepRun> {
  const output = outputFor(json, process.stdout);
  tellData(job.sweep);
  const interrupt = interruptible();
  try {
    const run = await runSweep(job.sweep, {
      store: job.store,
      backend,
      workers,
      threads,
      retryFailed: job.retryFailed,
      dash: job.dash ? {} : undefined,
      report: job.outDir,
      signal: interrupt.signal,
      kill: interrupt.kill,
      onCells: planningProgress(),
      onPlan: (plan) => {
        if (!json) process.stdout.write(startText(plan, workers));
        output.plan(plan);
        interrupt.on();
      },
      onEvent: (event) => output.event(event),
      machine: tools,
    });
    output.close();
    const report = await writtenReport(run);
    const { text, exitCode } = conclude(run, report, job, tools);
    const { counts, interrupted, elapsedMs } = run;
    const ended = { kind: 'ended', counts, interrupted, elapsedMs, report: report?.document, exitCode };
    process.stdout.write(json ? `${JSON.stringify(ended)}\n` : text);
    process.exitCode = exitCode;
    return run;
  } finally {
    interrupt.off();
    output.close();
  }
}

export const runCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.run,
    builder: (yargs) =>
      yargs
        .positional('file', filePositional)
        .options({
          ...runOptions,
          ...storeOption(tools),
          out: { type: 'string', requiresArg: true, describe: 'folder of the report; default: out/<name>' },
          dash: { type: 'boolean', default: false, describe: 'serve the live page while it runs, and print its address' },
          'retry-failed': { type: 'boolean', default: false, describe: 'retry parked cells' },
        })
        .check(checkCounts)
        .example('$0 run sweeps/quickstart.yaml', 'four verdicts and out/quickstart/index.html'),
    handler: async ({ file, set, store, out, retryFailed, dash, ...args }) => {
      const sweep = await tools.loadSweep(file, set, store);
      const again = retryFailed ? tools.commandLine : `${tools.commandLine} --retry-failed`;
      const outDir = out ?? (await takeOutFolder(file, sweep.name));
      const job = { sweep, store, outDir, retryFailed, dash, again };
      try {
        await execute(args, job, tools);
      } catch (error) {
        if (out === undefined) giveBackOutFolder(sweep.name);
        throw error;
      }
    },
  });

export const smokeCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.smoke,
    builder: (yargs) => yargs.positional('file', filePositional).options(runOptions).check(checkCounts),
    handler: async ({ file, set, ...args }) => {
      const sweep = await tools.loadSweep(file, set, tools.defaultStore);
      const small = shrinkSweep(sweep);
      const made = sweep.datasets.filter(({ params }, i) => params.name !== small.datasets[i]?.params.name);
      const notes = made.map(({ name }) => `${name} has no files here, so smoke uses generated images of its size\n`);
      process.stderr.write(notes.join(''));
      const outDir = path.join('out', small.name);
      const store = path.join(outDir, 'store');
      await rm(store, { recursive: true, force: true });
      const job = { sweep: small, store, outDir, retryFailed: false, dash: false, again: tools.commandLine };
      const { report } = await execute(args, job, tools);
      if (report !== undefined && !args.json)
        process.stdout.write('The smoke run says nothing about the science: its networks are tiny and untrained.\n');
    },
  });
