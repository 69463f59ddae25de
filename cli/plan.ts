/** `ncsweep plan`: what a run would do and cost (docs/plan.md). Changes nothing. */
import process from 'node:process';
import { machineSize } from 'ncsweep/machine-size';
import { planSweep, type SweepPlan } from 'ncsweep/plan-sweep';
import { commandText, sameSweep } from './command-text.ts';
import type { CommandTools } from './command-tools.ts';
import { defineCommand } from './define-command.ts';
import { listedCommands } from './listed-commands.ts';
import { fieldLines } from './field-lines.ts';
import { planningProgress } from './planning-progress.ts';
import { explanationTable, planTable } from './plan-table.ts';
import { backendOption, filePositional, outputOption, setOption, storeOption } from './shared-options.ts';

function explanation({ explain = [], changes }: SweepPlan): string {
  const changed = changes === undefined ? [] : fieldLines('\nSpec since the last run', changes);
  return changed.join('') + explanationTable(explain);
}

export const planCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.plan,
    builder: (yargs) =>
      yargs
        .positional('file', filePositional)
        .options({
          ...storeOption(tools),
          ...setOption,
          ...backendOption,
          ...outputOption,
          explain: { type: 'boolean', default: false, describe: 'say for each cell why it runs' },
        })
        .example('$0 plan sweeps/quickstart.yaml -o json', 'the documented JSON of docs/plan.md'),
    handler: async ({ file, set, store, backend, explain, output }) => {
      const sweep = await tools.loadSweep(file, set, store);
      const plan = await planSweep(sweep, { store, backend, explain, onCells: planningProgress(), machine: tools });
      const next = commandText(tools.program, 'run', ...sameSweep({ file, set, store, backend }, tools.defaultStore));
      const text =
        output === 'json' ? `${JSON.stringify(plan, null, 2)}\n` : planTable(plan, next, machineSize().text) + explanation(plan);
      process.stdout.write(text);
    },
  });
