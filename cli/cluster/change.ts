/** `ncsweep submit`, `cancel`, `suspend`, `resume` and `retry`. */
import process from 'node:process';
import { readSweep } from '@ncsweep/orchestrator/planning/spec/read-sweep';
import { readLedger } from '@ncsweep/orchestrator/engine/store/roots';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { cellsWhere } from '@ncsweep/orchestrator/planning/plan/where';
import { NotFoundError } from '@ncsweep/protocol/errors';
import { keys } from '@ncsweep/protocol/keys';
import { sweepAnnotations } from '@ncsweep/protocol/status';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { CommandModule } from 'yargs';
import { sweepBytes } from '../sweep-file.ts';
import { clusterOptions, connect, formatted, namePositional, outputOption, type NamedArguments, type Output } from './options.ts';
import { storeOf } from './store-of.ts';

interface SubmitArguments extends ClusterChoice {
  readonly file: string;
  readonly set: readonly string[];
  readonly output: Output;
}

export const submitCommand: CommandModule<object, SubmitArguments> = {
  command: 'submit <file>',
  describe: 'Give a sweep to the cluster, or bring it up to date there',
  builder: (yargs) =>
    yargs.positional('file', { type: 'string', demandOption: true, describe: 'sweep file' }).options({
      ...clusterOptions,
      ...outputOption,
      set: { type: 'string', array: true, requiresArg: true, default: [], describe: 'override, path=value' },
    }),
  handler: async ({ file, set, output, ...choice }) => {
    const { document } = readSweep({ bytes: await sweepBytes(file), file, set });
    const made = await (await connect(choice)).apply(document);
    const { name, namespace } = made.metadata;
    const said = `sweep ${name} is with the cluster, in namespace ${namespace}. Next: ncsweep watch ${name} -n ${namespace}\n`;
    process.stdout.write(output === 'table' ? said : formatted(made, output));
  },
};

type ChangeArguments = NamedArguments & { readonly output: Output };

const change = (command: string, describe: string, spec: object, done: string): CommandModule<object, ChangeArguments> => ({
  command: `${command} <name>`,
  describe,
  builder: (yargs) => yargs.positional('name', namePositional).options({ ...clusterOptions, ...outputOption }),
  handler: async ({ name, output, ...choice }) => {
    const changed = await (await connect(choice)).change(name, { spec });
    process.stdout.write(output === 'table' ? `${name}: ${done}\n` : formatted(changed, output));
  },
});

export const suspendCommand = change('suspend', 'Stop the workers of a Sweep; what they did stays', { suspend: true }, 'workers write checkpoints and give back what they hold'); // prettier-ignore
export const resumeCommand = change('resume', 'Go on with a suspended Sweep', { suspend: false }, 'goes on');
export const cancelCommand = change('cancel', 'End a Sweep for good; its results stay', { cancelled: true }, 'ends; its results stay'); // prettier-ignore

interface RetryArguments extends ChangeArguments {
  readonly failed: boolean;
  readonly class: readonly string[];
  readonly where: readonly string[];
  readonly store: string | undefined;
}

export const retryCommand: CommandModule<object, RetryArguments> = {
  command: 'retry <name>',
  describe: 'Try the parked cells of a Sweep again, also when it is over',
  builder: (yargs) =>
    yargs.positional('name', namePositional).options({
      ...clusterOptions,
      ...outputOption,
      failed: { type: 'boolean', demandOption: true, describe: 'all parked cells' },
      class: {
        type: 'string',
        array: true,
        requiresArg: true,
        default: [],
        describe: 'only those of a failure class, such as unknown',
      },
      where: {
        type: 'string',
        array: true,
        requiresArg: true,
        default: [],
        describe: 'only those with axis=value[,value…], such as training=AT',
      },
      store: { type: 'string', requiresArg: true, describe: 'where its store is from here; default: as its pods see it' },
    }),
  handler: async ({ name, class: classes, where, store: location, output, ...choice }) => {
    const client = await connect(choice);
    const resource = await client.get(name);
    const store = await openStore(storeOf(resource, location), 'write');
    const ledger = await readLedger(store, resource.metadata.uid);
    if (ledger === undefined) throw new NotFoundError(`${name}: it was never planned, so nothing is parked`);
    const plan = planSweep(ledger.sweep, ledger.backend, ledger.batchSize);
    const meant = new Set(cellsWhere(plan, where).map(({ cellId }) => cellId));
    const { parked } = await storeState(plan, store);
    const isOfClass = (why: string): boolean => classes.length === 0 || classes.some((each) => why.startsWith(`${each}:`));
    const again = [...parked].filter(([cellId, why]) => meant.has(cellId) && isOfClass(why));
    for (const [cellId] of again) await store.delete(keys.failure(cellId));
    const annotations = { [sweepAnnotations.retry]: new Date().toISOString() };
    const changed = again.length === 0 ? resource : await client.change(name, { metadata: { annotations } });
    const said = `${name}: ${again.length} of ${parked.size} parked cells are tried again\n`;
    if (output === 'table') process.stdout.write(said);
    else {
      process.stderr.write(said);
      process.stdout.write(formatted(changed, output));
    }
  },
};
