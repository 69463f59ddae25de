/** `ncsweep diff`: what differs between two sweeps, wherever they ran. */
import process from 'node:process';
import { cellLabels } from '@ncsweep/orchestrator/planning/plan/cell-label';
import type { SweepDiff } from '@ncsweep/report/aggregate/sweep-diff';
import { diffSweeps } from 'ncsweep/diff-sweeps';
import { findSweep, type FoundSweep } from 'ncsweep/find-sweep';
import { clusterOptions } from './cluster/options.ts';
import { textRows } from './cluster/table.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { fieldLines } from './field-lines.ts';
import { outputOption, sweepOptions, sweepPositional } from './shared-options.ts';

const small = (value: number): string => (value === 0 ? '0' : value.toPrecision(3));

const mostCells = 5;

function cellLines(which: string, ids: readonly string[], { plan }: FoundSweep): string[] {
  const label = cellLabels(plan);
  const lines = ids.slice(0, mostCells).map((id) => `    ${id.slice(0, 12)}  ${label(plan.cells.get(id)!)}\n`);
  if (ids.length === 0) return [];
  return [
    `  only in ${which}: ${ids.length}\n`,
    ...lines,
    ...(ids.length > mostCells ? [`    … and ${ids.length - mostCells} more\n`] : []),
  ];
}

function diffText(diff: SweepDiff, a: FoundSweep, b: FoundSweep): string {
  const differing = diff.metrics.filter((each) => each.differing > 0);
  const { shared, withNumbers, onlyA, onlyB } = diff.trials;
  const heads = ['  METRIC', 'DIFFER', 'OF', 'LARGEST', 'RELATIVE', 'WORST TRIAL (of A)'];
  const body = differing.map((each) => [
    ...[`  ${each.metric}`, String(each.differing), String(each.compared)],
    ...[small(each.largest), small(each.largestRelative), each.worstTrial],
  ]);
  const name = ({ plan, store, origin }: FoundSweep): string => `${plan.sweep.name} (${origin}, ${store.location})`;
  return [
    `A ${name(a)}\nB ${name(b)}\n`,
    ...fieldLines('spec', diff.spec),
    `cells: ${diff.cells.shared} shared\n`,
    ...cellLines('A', diff.cells.onlyA, a),
    ...cellLines('B', diff.cells.onlyB, b),
    ...fieldLines('computed by', diff.numerics),
    `results: ${shared} trials in both, ${withNumbers} with numbers in both; ${onlyA} only in A, ${onlyB} only in B\n`,
    differing.length === 0 ? '  all numbers are equal\n' : textRows([heads, ...body]),
  ].join('');
}

export const diffCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.diff,
    builder: (yargs) =>
      yargs
        .positional('a', sweepPositional)
        .positional('b', sweepPositional)
        .options({
          ...clusterOptions,
          ...sweepOptions(tools),
          'store-b': { type: 'string', requiresArg: true, describe: 'store of the second sweep; default: that of the first' },
          ...outputOption,
        })
        .example('$0 diff quickstart sweep/quickstart', 'the run here and the one on the cluster'),
    handler: async ({ a, b, storeB, output, ...choice }) => {
      const options = { ...choice, machine: tools };
      const foundA = await findSweep(a, options);
      const foundB = await findSweep(b, { ...options, store: storeB ?? choice.store });
      const diff = await diffSweeps(foundA, foundB);
      process.stdout.write(output === 'json' ? `${JSON.stringify(diff, null, 2)}\n` : diffText(diff, foundA, foundB));
    },
  });
