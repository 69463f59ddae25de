/** `ncsweep verify`: runs a sample of a sweep's cells again and compares. */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { storeState } from '@ncsweep/orchestrator/ingest/store-state';
import type { RunEvent } from '@ncsweep/orchestrator/local/run-event';
import type { Plan } from '@ncsweep/orchestrator/plan/plan';
import { restrictPlan } from '@ncsweep/orchestrator/plan/restrict-plan';
import { cellsWhere } from '@ncsweep/orchestrator/plan/where';
import { sampleCells } from '@ncsweep/orchestrator/verify/sample';
import { verifyCells } from '@ncsweep/orchestrator/verify/verify-cells';
import { canonicalJson } from '@ncsweep/protocol/canonical';
import type { Cell } from '@ncsweep/protocol/cell';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import type { CommandModule } from 'yargs';
import { clusterOptions } from './cluster/options.ts';
import type { BackendChoice, CommandTools } from './command-tools.ts';
import { exitCodes } from './exit-codes.ts';
import { findSweep, sweepOptions, sweepPositional, type SweepChoice } from './find-sweep.ts';
import { interruptible } from './interruptible.ts';
import { localWorkers } from './local-workers.ts';
import { allSources } from './stored-sources.ts';
import { verifyJson, verifyText, type Verification } from './verify-text.ts';

interface VerifyArguments extends SweepChoice {
  readonly sweep: string;
  readonly sample: number;
  readonly seed: number;
  readonly kind: Cell['kind'];
  readonly where: readonly string[];
  readonly workers: number | undefined;
  /** Undefined: the backend of the results. */
  readonly on: BackendChoice | undefined;
  readonly output: 'table' | 'json';
}

function checkCounts({ sample, seed, workers }: VerifyArguments): true {
  for (const [name, value, least] of [
    ['sample', sample, 1],
    ['seed', seed, 0],
    ['workers', workers, 1],
  ] as const)
    // prettier-ignore
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= least))
      throw new InvalidInputError(`--${name}: expected a whole number from ${least}, found ${value}`);
  return true;
}

/** What the workers will ask for: evaluations read weights from the store, whatever they came from. */
function needsOf({ sweep, trainings }: Plan, kind: Cell['kind']): Parameters<typeof allSources>[0] {
  const [data, recipes] = [new Set<string>(), new Set<string>()];
  for (const { lineage } of trainings) {
    data.add(canonicalJson(lineage.dataset));
    if (kind === 'snapshot') recipes.add(canonicalJson(lineage.recipe));
  }
  return {
    datasets: sweep.datasets.filter(({ params }) => data.has(canonicalJson(params))),
    trainings: sweep.trainings.filter(({ params }) => recipes.has(canonicalJson(params))),
    sources: sweep.sources,
  };
}

/** Equality can be expected of the results' own backend only. @throws InvalidInputError when it is not on this machine */
async function sameBackend({ sweep, backend }: Plan, tools: CommandTools): Promise<Plan['backend']> {
  try {
    return await tools.resolveBackend(backend);
  } catch (cause) {
    if (!(cause instanceof InvalidInputError)) throw cause;
    const remedy = backend === 'native-gpu' ? '"make native-gpu" on a machine with a GPU' : '"make native"';
    throw new InvalidInputError(
      `sweep ${sweep.name} was computed by ${backend}, which is not on this machine; run ${remedy}, or name another with --on: then tolerances decide`,
      { cause },
    );
  }
}

/** Says which cell is through, beside the output. */
function tell(total: number): (event: RunEvent) => void {
  let count = 0;
  return (event) => {
    if (event.kind !== 'stream' || event.event.kind !== 'committed') return;
    count += 1;
    process.stderr.write(`${count} of ${total}  ${event.event.cellId.slice(0, 12)} run again\n`);
  };
}

async function verify(args: VerifyArguments, tools: CommandTools): Promise<Verification & { readonly interrupted: boolean }> {
  const { sample, seed, kind, where } = args;
  const { plan, store } = await findSweep(args.sweep, args, tools);
  const candidates = cellsWhere(plan, where, kind);
  const { done } = await storeState(plan, store);
  const finished = candidates.filter(({ cellId }) => done.has(cellId));
  if (finished.length === 0)
    throw new NotFoundError(
      `sweep ${plan.sweep.name}: store ${store.location} has none of these ${candidates.length} results on ${plan.backend}: nothing to compare with`,
    );
  const cells = sampleCells(finished, sample, seed);
  const backend = await (args.on === undefined ? sameBackend(plan, tools) : tools.resolveBackend(args.on));
  const needs = needsOf(restrictPlan(plan, cells.map(({ cellId }) => cellId)), kind); // prettier-ignore
  const sources = await allSources(needs, store, tools.cacheFolder);
  const interrupt = interruptible();
  try {
    const checks = await verifyCells({
      plan: { ...plan, sweep: { ...plan.sweep, sources } },
      ...{ store, done, cells, backend, signal: interrupt.signal, kill: interrupt.kill, onEvent: tell(cells.length) },
      workers: args.workers ?? Math.min(plan.sweep.execution.parallelism, availableParallelism()),
      program: (storeLocation, threads) => localWorkers({ environment: tools.environment, storeLocation, backend, threads }),
    });
    const asked = { candidates: candidates.length, finished: finished.length, kind, seed, where, on: backend };
    return { plan, store: store.location, ...asked, checks, interrupted: interrupt.signal.aborted };
  } finally {
    interrupt.off();
  }
}

export const verifyCommand = (tools: CommandTools): CommandModule<object, VerifyArguments> => ({
  command: 'verify <sweep>',
  describe: 'Run a sample of its cells again here, in a temporary store, and compare every number',
  builder: (yargs) =>
    yargs
      .positional('sweep', sweepPositional)
      .options({
        ...clusterOptions,
        ...sweepOptions(tools),
        sample: { type: 'number', requiresArg: true, default: 5, describe: 'how many cells' },
        seed: { type: 'number', requiresArg: true, default: 1, describe: 'of the sample: the same seed draws the same cells' },
        kind: {
          choices: ['evaluate', 'snapshot'] as const,
          default: 'evaluate' as const,
          describe: 'evaluations of the stored weights, or trainings from the start',
        },
        where: {
          type: 'string',
          array: true,
          requiresArg: true,
          default: [] as string[],
          describe: 'only those with axis=value[,value…], such as training=AT',
        },
        workers: {
          type: 'number',
          requiresArg: true,
          describe: 'worker processes; default: execution.parallelism, at most one a core',
        },
        on: {
          choices: ['auto', 'native', 'native-gpu', 'native-cpu', 'wasm'] as const,
          describe: 'what computes again; default: the backend of the results; with another one tolerances decide',
        },
        output: { alias: 'o', choices: ['table', 'json'] as const, default: 'table' as const, describe: 'form of the output' },
      })
      .check(checkCounts)
      .example('$0 verify quickstart --sample 10 --where training=AT', 'a verdict a cell; exits with 3 when one differs'),
  handler: async (args) => {
    const { interrupted, ...verification } = await verify(args, tools);
    process.stdout.write(args.output === 'json' ? verifyJson(verification) : verifyText(verification));
    const isSound = verification.checks.every(({ verdict }) => verdict === 'equal' || verdict === 'within tolerance');
    process.exitCode = interrupted ? exitCodes.interrupted : isSound ? exitCodes.ok : exitCodes.finishedWithFailures;
  },
});
