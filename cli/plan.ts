/** `ncsweep plan`: what a run would do, and what it would cost (docs/plan.md). Changes nothing. */
import { localBackendChoices } from '@ncsweep/catalog/backends';
import process from 'node:process';
import { readLedger, readRoots } from '@ncsweep/orchestrator/engine/store/roots';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { explain, type Explanation, type PreviousPlan } from '@ncsweep/orchestrator/planning/plan/explain';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { summarize, type PlanSummary } from '@ncsweep/orchestrator/planning/plan/summary';
import { sweepUid } from '@ncsweep/orchestrator/planning/plan/sweep-uid';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { CommandModule } from 'yargs';
import type { BackendChoice, CommandTools } from './command-tools.ts';
import { explanationTable, planTable } from './plan-table.ts';

interface PlanArguments {
  readonly file: string;
  readonly store: string;
  readonly set: readonly string[];
  readonly backend: BackendChoice | undefined;
  readonly output: string;
  readonly explain: boolean;
}

async function previousPlan(store: ObjectStore, sweep: string): Promise<PreviousPlan | undefined> {
  const ledger = await readLedger(store, sweepUid(sweep));
  if (ledger === undefined) return undefined;
  return { ...ledger, cells: await readRoots(store, sweepUid(sweep), ledger.generation) };
}

async function planOf(args: PlanArguments, tools: CommandTools): Promise<PlanSummary & { readonly explain?: Explanation[] }> {
  const sweep = await tools.loadSweep(args.file, args.set, args.store);
  const backend = await tools.resolveBackend(args.backend ?? sweep.execution.backend);
  const plan = planSweep(sweep, backend, sweep.execution.evaluationBatchSize);
  const store = await openStore(args.store, 'read');
  const state = await storeState(plan, store);
  const summary = summarize(plan, state);
  return args.explain ? { ...summary, explain: explain(plan, state, await previousPlan(store, sweep.name)) } : summary;
}

export const planCommand = (tools: CommandTools): CommandModule<object, PlanArguments> => ({
  command: 'plan <file>',
  describe: 'Show what a run would do and cost; changes nothing',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', demandOption: true, describe: 'sweep file' })
      .options({
        store: {
          type: 'string',
          requiresArg: true,
          default: tools.defaultStore,
          describe: 'store: a directory or s3://bucket/prefix',
        },
        set: { type: 'string', array: true, requiresArg: true, default: [], describe: 'override, path=value' },
        backend: {
          choices: localBackendChoices,
          describe: 'what computes; default: as the sweep says',
        },
        output: { alias: 'o', choices: ['table', 'json'], default: 'table', describe: 'form of the output' },
        explain: { type: 'boolean', default: false, describe: 'say for each cell why it runs' },
      })
      .example('$0 plan sweeps/quickstart.yaml -o json', 'the documented JSON of docs/plan.md'),
  handler: async (args) => {
    const plan = await planOf(args, tools);
    const text =
      args.output === 'json'
        ? `${JSON.stringify(plan, null, 2)}\n`
        : planTable(plan, args.file) + explanationTable(plan.explain ?? []);
    process.stdout.write(text);
  },
});
