/** `ncsweep verify`: runs a sample of a sweep's cells again and compares. */
import process from 'node:process';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { cellsWhere } from '@ncsweep/orchestrator/planning/plan/where';
import { sampleCells } from '@ncsweep/orchestrator/engine/verify/sample';
import type { Cell } from '@ncsweep/catalog/cell';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import type { CommandModule } from 'yargs';
import { clusterOptions } from './cluster/options.ts';
import type { BackendChoice, CommandTools } from './command-tools.ts';
import { exitCodes } from './exit-codes.ts';
import { findSweep, sweepOptions, sweepPositional, type SweepChoice } from './find-sweep.ts';
import { runAgain } from './run-again.ts';
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

async function verify(args: VerifyArguments, tools: CommandTools): Promise<Verification & { readonly interrupted: boolean }> {
  const { sample, seed, kind, where, workers } = args;
  const found = await findSweep(args.sweep, args, tools);
  const { plan, store } = found;
  const candidates = cellsWhere(plan, where, kind);
  const { done } = await storeState(plan, store);
  const finished = candidates.filter(({ cellId }) => done.has(cellId));
  if (finished.length === 0)
    throw new NotFoundError(
      `sweep ${plan.sweep.name}: store ${store.location} has none of these ${candidates.length} results on ${plan.backend}: nothing to compare with`,
    );
  const again = await runAgain(found, { cells: sampleCells(finished, sample, seed), done, workers, on: args.on }, tools);
  const asked = { candidates: candidates.length, finished: finished.length, kind, seed, where };
  return { plan, store: store.location, ...asked, ...again };
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
