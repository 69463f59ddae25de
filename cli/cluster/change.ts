/** `ncsweep submit`, `cancel`, `suspend`, `resume` and `retry`. */
import process from 'node:process';
import { connectCluster } from 'ncsweep/cluster/connect';
import { retryParked } from 'ncsweep/cluster/retry';
import { submitSweep } from 'ncsweep/cluster/submit';
import { commandText } from '../command-text.ts';
import type { CommandTools } from '../command-tools.ts';
import { defineCommand } from '../define-command.ts';
import { filePositional, setOption, whereOption } from '../shared-options.ts';
import { clusterOptions, formatted, namePositional, resourceOutput } from './options.ts';

export const submitCommand = ({ program }: CommandTools) =>
  defineCommand({
    command: 'submit <file>',
    describe: 'Give a sweep to the cluster, or bring it up to date there',
    builder: (yargs) => yargs.positional('file', filePositional).options({ ...clusterOptions, ...resourceOutput, ...setOption }),
    handler: async ({ file, set, output, ...choice }) => {
      const made = await submitSweep(file, { set, ...choice });
      const { name, namespace } = made.metadata;
      const next = commandText(program, 'watch', name, '-n', namespace);
      const said = `sweep ${name} is with the cluster, in namespace ${namespace}. Next: ${next}\n`;
      process.stdout.write(output === 'table' ? said : formatted(made, output));
    },
  });

interface Change {
  readonly command: string;
  readonly describe: string;
  readonly spec: object;
  readonly done: string;
}

const changeCommand = ({ command: verb, describe, spec, done }: Change) =>
  defineCommand({
    command: `${verb} <name>`,
    describe,
    builder: (yargs) => yargs.positional('name', namePositional).options({ ...clusterOptions, ...resourceOutput }),
    handler: async ({ name, output, ...choice }) => {
      const changed = await (await connectCluster(choice)).change(name, { spec });
      const said = changed.status?.phase === 'Complete' ? `is complete already; nothing is left to ${verb}` : done;
      process.stdout.write(output === 'table' ? `${name}: ${said}\n` : formatted(changed, output));
    },
  });

export const suspendCommand = changeCommand({
  command: 'suspend',
  describe: 'Stop the workers of a Sweep; what they did stays',
  spec: { suspend: true },
  done: 'workers write checkpoints and give back what they hold',
});

export const resumeCommand = changeCommand({
  command: 'resume',
  describe: 'Go on with a suspended Sweep',
  spec: { suspend: false },
  done: 'goes on',
});

export const cancelCommand = changeCommand({
  command: 'cancel',
  describe: 'End a Sweep for good; its results stay',
  spec: { cancelled: true },
  done: 'ends; its results stay',
});

export const retryCommand = defineCommand({
  command: 'retry <name>',
  describe: 'Try the parked cells of a Sweep again, also when it is over; start workers again that did not come to work',
  builder: (yargs) =>
    yargs.positional('name', namePositional).options({
      ...clusterOptions,
      ...resourceOutput,
      failed: { type: 'boolean', demandOption: true, describe: 'all parked cells' },
      class: {
        type: 'string',
        array: true,
        requiresArg: true,
        default: [] as string[],
        describe: 'only those of a failure class, such as unknown',
      },
      ...whereOption,
      store: { type: 'string', requiresArg: true, describe: 'where its store is from here; default: as its pods see it' },
    }),
  handler: async ({ name, class: classes, output, ...choice }) => {
    const { resource, again, parked, restarts } = await retryParked(name, { classes, ...choice });
    const workers = restarts ? ', and workers are started again' : '';
    const said = `${name}: ${again} of ${parked} parked cells are tried again${workers}\n`;
    if (output === 'table') process.stdout.write(said);
    else {
      process.stderr.write(said);
      process.stdout.write(formatted(resource, output));
    }
  },
});
