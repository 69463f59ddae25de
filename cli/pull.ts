/** `ncsweep pull`: copies a sweep's weights, tables and report from its store, and makes its images and features again and checks them. */
import path from 'node:path';
import process from 'node:process';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { meantText } from 'ncsweep/pull/array-places';
import type { PulledArrays } from 'ncsweep/pull/pull-arrays';
import { pullKinds, pullResults, type PulledResults, type PullEvent, type PullKind } from 'ncsweep/pull/pull-results';
import type { Pulled } from 'ncsweep/pull/pull-weights';
import { sizeText } from 'ncsweep/size-text';
import { clusterOptions } from './cluster/options.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { exitCodes } from './exit-codes.ts';
import { interruptible, type Interruptible } from './interruptible.ts';
import { tellAgain } from './made-again.ts';
import { sweepOptions, sweepPositional, whereOption } from './shared-options.ts';
import { checkWholeNumber } from './whole-number.ts';

type Output = 'table' | 'json' | 'name';

const pullOutput = {
  output: {
    alias: 'o',
    choices: ['table', 'json', 'name'],
    default: 'table' as Output,
    describe: 'output format; name: the files',
  },
} as const;

function tellPull(interrupt: Interruptible): (event: PullEvent) => void {
  const again = tellAgain(interrupt);
  return (event) => {
    switch (event.kind) {
      case 'weights': {
        const how = event.receivedBytes === 0 ? 'was there' : sizeText(event.receivedBytes);
        process.stderr.write(`${event.count} of ${event.of}  ${event.file}  ${how}\n`);
        return;
      }
      case 'making':
        process.stderr.write(`${meantText(event)}: recomputed here with ${event.backend}, and checked\n`);
        return;
      default:
        again(event);
    }
  };
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
  if (missing.length > 0) lines.push(`${missing.length} evaluations have no arrays:`);
  return [...lines, ...missing.slice(0, 10).map(({ cellId, label, reason }) => `  ${cellId.slice(0, 12)}  ${label}  ${reason}`)];
}

function summary({ weights, arrays, files, folder }: PulledResults): string {
  const lines = [
    `${files.length} files in ${folder}`,
    ...(weights ? weightsLines(weights) : []),
    ...(arrays ? arraysLines(arrays) : []),
  ];
  return `${lines.join('\n')}\n`;
}

const texts: Readonly<Record<Output, (pulled: PulledResults) => string>> = {
  table: summary,
  json: (pulled) => `${JSON.stringify(pulled, null, 2)}\n`,
  name: ({ files, folder }) => files.map((file) => `${path.join(folder, file)}\n`).join(''),
};

function exitCodeFor({ weights, arrays }: PulledResults): number {
  if (arrays?.interrupted) return exitCodes.interrupted;
  const isWhole = (weights?.missing.length ?? 0) + (arrays?.missing.length ?? 0) === 0;
  return isWhole ? exitCodes.ok : exitCodes.finishedWithFailures;
}

function checkLimitOptions({ most, 'most-gb': mostGb }: { readonly most: number; readonly 'most-gb': number }): true {
  checkWholeNumber('most', most, 1);
  if (!(mostGb > 0)) throw new InvalidInputError(`--most-gb: expected a number above 0, found ${mostGb}`);
  return true;
}

export const pullCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.pull,
    builder: (yargs) =>
      yargs
        .positional('sweep', sweepPositional)
        .options({
          ...clusterOptions,
          ...sweepOptions(tools),
          what: {
            choices: pullKinds,
            array: true,
            requiresArg: true,
            default: ['weights', 'tables'] as PullKind[],
            coerce: (what: readonly string[]) => what.flatMap((text) => text.split(',')) as PullKind[],
            describe: 'what to download; images and features are recomputed here, and checked against the results',
          },
          ...whereOption,
          most: {
            type: 'number',
            requiresArg: true,
            default: 20,
            describe: 'largest number of evaluations whose arrays are recomputed',
          },
          'most-gb': {
            type: 'number',
            requiresArg: true,
            default: 20,
            describe: 'most arrays that are recomputed, in 10⁹ bytes',
          },
          out: { type: 'string', requiresArg: true, describe: 'folder; default: pulled/<name>' },
          ...pullOutput,
        })
        .check(checkLimitOptions)
        .example(
          '$0 pull quickstart --what weights --where training=AT epoch=last',
          'pulled/quickstart/weights/AT-seed-1-….safetensors',
        )
        .example(
          '$0 pull quickstart --what images,features --where training=AT seed=1 attack=pgd10 epsilon=8/255 layer=gap',
          'NumPy files: attacked images, features of one layer, logits, labels',
        ),
    handler: async ({ sweep, out: folder, mostGb: mostGigabytes, output, ...args }) => {
      const interrupt = interruptible();
      const { signal, kill } = interrupt;
      try {
        const onEvent = tellPull(interrupt);
        const options = { ...args, folder, mostGigabytes, machine: tools, signal, kill, onEvent };
        const pulled = await pullResults(sweep, options);
        process.stdout.write(texts[output](pulled));
        process.exitCode = exitCodeFor(pulled);
      } finally {
        interrupt.off();
      }
    },
  });
