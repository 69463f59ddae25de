/** `ncsweep verify`: runs a sample of a sweep's cells again and compares. */
import process from 'node:process';
import { localBackendChoices } from '@ncsweep/catalog/backends';
import { isSound } from 'ncsweep/run-again';
import { verifySweep } from 'ncsweep/verify-sweep';
import { clusterOptions } from './cluster/options.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { interruptible } from './interruptible.ts';
import { tellAgain } from './made-again.ts';
import { outputOption, sweepOptions, sweepPositional, whereOption } from './shared-options.ts';
import { verifyJson, verifyText } from './verify-text.ts';
import { checkWholeNumber } from './whole-number.ts';

interface Counts {
  readonly sample: number;
  readonly seed: number;
  readonly workers: number | undefined;
}

const leastCounts = { sample: 1, seed: 0, workers: 1 } as const;

function checkCounts(counts: Counts): true {
  for (const [name, least] of Object.entries(leastCounts) as [keyof Counts, number][])
    checkWholeNumber(name, counts[name], least);
  return true;
}

export const verifyCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.verify,
    builder: (yargs) =>
      yargs
        .positional('sweep', sweepPositional)
        .options({
          ...clusterOptions,
          ...sweepOptions(tools),
          sample: { type: 'number', requiresArg: true, default: 5, describe: 'number of cells' },
          seed: {
            type: 'number',
            requiresArg: true,
            default: 1,
            describe: 'seed of the sample: the same seed draws the same cells',
          },
          kind: {
            choices: ['evaluate', 'snapshot'] as const,
            default: 'evaluate' as const,
            describe: 'what to run: evaluations of the stored weights, or trainings from the start',
          },
          ...whereOption,
          workers: {
            type: 'number',
            requiresArg: true,
            describe: 'worker processes; default: execution.parallelism, at most one per core',
          },
          on: {
            choices: localBackendChoices,
            describe:
              'backend to compute with; default: that of the results. With another one, numbers are compared within tolerances',
          },
          plugin: {
            type: 'string',
            requiresArg: true,
            describe:
              'folder of a plug-in that declares its science: runs its code in place of that of the store, and takes it over if every number is equal',
          },
          ...outputOption,
        })
        .check(checkCounts)
        .example('$0 verify quickstart --sample 10 --where training=AT', 'one verdict per cell; exits with 3 if one differs'),
    handler: async ({ sweep, output, ...args }) => {
      const interrupt = interruptible();
      const { signal, kill } = interrupt;
      try {
        const onEvent = tellAgain(interrupt);
        const verification = await verifySweep(sweep, { ...args, machine: tools, signal, kill, onEvent });
        const { checks, interrupted } = verification;
        process.stdout.write(output === 'json' ? verifyJson(verification) : verifyText(verification));
        process.exitCode = interrupted
          ? exitCodes.interrupted
          : checks.every(isSound)
            ? exitCodes.ok
            : exitCodes.finishedWithFailures;
      } finally {
        interrupt.off();
      }
    },
  });
