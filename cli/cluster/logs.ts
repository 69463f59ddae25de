/** `ncsweep logs`: logs of workers, from their pods or, when those are gone, from the store; for a running attempt, from NATS. */
import process from 'node:process';
import { clusterStory, runningRecords, sweepLogs, type SweepLog } from 'ncsweep/cluster/logs';
import type { CommandTools } from '../command-tools.ts';
import { defineCommand } from '../define-command.ts';
import { listedCommands } from '../listed-commands.ts';
import { connectionOf, natsOptions } from '../nats-options.ts';
import { attemptText } from '../record-text.ts';
import { storyText } from '../story-text.ts';
import { clusterOptions, namePositional } from './options.ts';

function logText(log: SweepLog): string {
  if (log.kind === 'trouble') return `== ${log.reason}\n${log.text}\n`;
  if (log.kind === 'pod') return `== pod ${log.pod.name} (${log.pod.phase})\n${log.text}`;
  const { class: failureClass, message, logTail } = log.failure;
  return `== cell ${log.cellId.slice(0, 12)} parked, ${failureClass}: ${message}\n${logTail}\n`;
}

export const logsCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.logs,
    builder: (yargs) =>
      yargs.positional('name', namePositional).options({
        ...clusterOptions,
        ...natsOptions(tools),
        cell: {
          type: 'string',
          requiresArg: true,
          describe:
            'the attempts of one cell or trial, by at least six digits of its id; with --nats also the log of a running attempt',
        },
        store: {
          type: 'string',
          requiresArg: true,
          describe: 'location of its store as seen from here; default: as its pods see it',
        },
      }),
    handler: async ({ name, cell, ...choice }) => {
      if (cell === undefined) {
        for await (const log of sweepLogs(name, choice)) process.stdout.write(logText(log));
        return;
      }
      const story = await clusterStory(name, cell, choice);
      process.stdout.write(storyText(story));
      const nats = await connectionOf(choice);
      if (nats === undefined) return;
      for (const [attemptId, records] of await runningRecords(story, nats, choice.install))
        process.stdout.write(attemptText(attemptId, records));
    },
  });
