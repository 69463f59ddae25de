/** `ncsweep submit`, `cancel`, `suspend`, `resume` and `retry`. */
import process from 'node:process';
import { connectCluster } from 'ncsweep/cluster/connect';
import { retryParked } from 'ncsweep/cluster/retry';
import { submitSweep } from 'ncsweep/cluster/submit';
import { commandText } from '../command-text.ts';
import type { CommandTools } from '../command-tools.ts';
import { defineCommand } from '../define-command.ts';
import { listedCommands } from '../listed-commands.ts';
import { filePositional, setOption, whereOption } from '../shared-options.ts';
import { clusterOptions, formatted, namePositional, resourceOutput } from './options.ts';

export const submitCommand = ({ program }: CommandTools) =>
  defineCommand({
    ...listedCommands.submit,
    builder: (yargs) =>
      yargs.positional('file', filePositional).options({
        ...clusterOptions,
        ...resourceOutput,
        ...setOption,
        store: {
          type: 'string',
          requiresArg: true,
          describe: 'its store, into which folders of plug-ins are copied; default: storage.location, or NCSWEEP_STORE in S3',
        },
      }),
    handler: async ({ file, set, store, output, ...choice }) => {
      const made = await submitSweep(file, { set, store, ...choice });
      const { name, namespace } = made.metadata;
      const next = commandText(program, 'watch', name, '-n', namespace);
      const said = `submitted sweep ${name} to namespace ${namespace}. Next: ${next}\n`;
      process.stdout.write(output === 'table' ? said : formatted(made, output));
    },
  });

interface Change {
  readonly command: string;
  readonly describe: string;
  readonly spec: object;
  readonly done: string;
}

const changeCommand = ({ command, describe, spec, done }: Change) => {
  const [verb = command] = command.split(' ');
  return defineCommand({
    command,
    describe,
    builder: (yargs) => yargs.positional('name', namePositional).options({ ...clusterOptions, ...resourceOutput }),
    handler: async ({ name, output, ...choice }) => {
      const changed = await (await connectCluster(choice)).change(name, { spec });
      const said = changed.status?.phase === 'Complete' ? `is complete already; nothing is left to ${verb}` : done;
      process.stdout.write(output === 'table' ? `${name}: ${said}\n` : formatted(changed, output));
    },
  });
};

export const suspendCommand = changeCommand({
  ...listedCommands.suspend,
  spec: { suspend: true },
  done: 'workers write checkpoints and return their tasks',
});

export const resumeCommand = changeCommand({
  ...listedCommands.resume,
  spec: { suspend: false },
  done: 'continues',
});

export const cancelCommand = changeCommand({
  ...listedCommands.cancel,
  spec: { cancelled: true },
  done: 'ends; its results are kept',
});

export const retryCommand = defineCommand({
  ...listedCommands.retry,
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
      store: {
        type: 'string',
        requiresArg: true,
        describe: 'location of its store as seen from here; default: as its pods see it',
      },
    }),
  handler: async ({ name, class: classes, output, ...choice }) => {
    const { resource, again, parked, restarts } = await retryParked(name, { classes, ...choice });
    const workers = restarts ? ', and workers are restarted' : '';
    const said = `${name}: ${again} of ${parked} parked cells will be retried${workers}\n`;
    if (output === 'table') process.stdout.write(said);
    else {
      process.stderr.write(said);
      process.stdout.write(formatted(resource, output));
    }
  },
});
