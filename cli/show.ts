/** `ncsweep show`: the whole story of a trial or cell. */
import process from 'node:process';
import { findStory } from '@ncsweep/orchestrator/engine/story/find-id';
import { knownPlans } from '@ncsweep/orchestrator/engine/store/roots';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { CommandModule } from 'yargs';
import type { CommandTools } from './command-tools.ts';
import { storyText } from './story-text.ts';

interface ShowArguments {
  readonly id: string;
  readonly store: string;
  readonly file: string | undefined;
  readonly set: readonly string[];
  readonly output: string;
}

async function planOf(file: string, { set, store }: ShowArguments, tools: CommandTools): Promise<Plan> {
  const sweep = await tools.loadSweep(file, set, store);
  const { backend, evaluationBatchSize } = sweep.execution;
  return planSweep(sweep, await tools.resolveBackend(backend), evaluationBatchSize);
}

export const showCommand = (tools: CommandTools): CommandModule<object, ShowArguments> => ({
  command: 'show <id>',
  describe: 'Tell the whole story of a trial or cell',
  builder: (yargs) =>
    yargs
      .positional('id', { type: 'string', demandOption: true, describe: 'trial or cell id, or at least six digits of it' })
      .options({
        store: {
          type: 'string',
          requiresArg: true,
          default: tools.defaultStore,
          describe: 'store: a directory or s3://bucket/prefix',
        },
        file: {
          type: 'string',
          requiresArg: true,
          describe: 'sweep file to look in, before all sweeps that were run with the store',
        },
        set: { type: 'string', array: true, requiresArg: true, default: [], describe: 'override of the file, path=value' },
        output: { alias: 'o', choices: ['table', 'json'], default: 'table', describe: 'form of the output' },
      })
      .example('$0 show 3f2a9c', 'parameters, inputs, attempts, artifacts, failure and metrics'),
  handler: async (args) => {
    const { id, store: location, file, output } = args;
    const store = await openStore(location, 'read');
    async function* candidates(): AsyncGenerator<Plan> {
      if (file !== undefined) yield await planOf(file, args, tools);
      yield* knownPlans(store);
    }
    const story = await findStory(candidates(), store, id);
    process.stdout.write(output === 'json' ? `${JSON.stringify(story, null, 2)}\n` : storyText(story));
  },
});
