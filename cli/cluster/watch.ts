/** `ncsweep watch`: follows a Sweep on the cluster to its end, with its workers' progress if NATS is reachable. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import type { NatsOptions } from '@ncsweep/protocol/stream/jetstream/connect';
import { connectCluster } from 'ncsweep/cluster/connect';
import { planOf } from 'ncsweep/cluster/plan-of';
import type { CommandTools } from '../command-tools.ts';
import { defineCommand } from '../define-command.ts';
import { listedCommands } from '../listed-commands.ts';
import { exitCodes } from '../exit-codes.ts';
import { connectionOf, natsOptions, type NatsChoice } from '../nats-options.ts';
import { outputFor } from '../run-output.ts';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import { clusterOptions, namePositional } from './options.ts';
import { checkNumber } from '../whole-number.ts';
import { SweepView } from './sweep-view.ts';
import { statusText } from './table.ts';

const lookEveryMs = 1000;

interface WatchArguments extends ClusterChoice, NatsChoice {
  readonly name: string;
  /** Seconds. */
  readonly timeout: number | undefined;
  readonly json: boolean;
  readonly store: string | undefined;
}

/** Undefined while it runs. */
function exitCodeOfEnd({ metadata, status }: SweepResource): number | undefined {
  if (status?.observedGeneration !== metadata.generation) return undefined;
  const isTrue = (type: string): boolean =>
    status.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
  if (isTrue('Complete')) return exitCodes.ok;
  if (isTrue('Failed')) return exitCodes.finishedWithFailures;
  return status.phase === 'Invalid' ? exitCodes.invalidInput : undefined;
}

/** Passes the reports of a Sweep's workers to the view until `stop`. */
async function followWorkers(nats: NatsOptions, install: string, uid: string, view: SweepView, stop: AbortSignal): Promise<void> {
  const { SweepFeed } = await import('@ncsweep/protocol/stream/jetstream/sweep-feed');
  const { FollowWorkers } = await import('./follow-workers.ts');
  const follower = new FollowWorkers((event) => view.event(event));
  await follower.run(() => SweepFeed.open(nats, install), uid, stop);
}

/** How the Sweep ended, for people or programs. */
function endText({ status = {}, ...resource }: SweepResource, exitCode: number, json: boolean): string {
  if (!json) return statusText({ ...resource, status });
  const { phase, counters, report } = status;
  return `${JSON.stringify({ kind: 'ended', phase, counters, report: report?.url, exitCode })}\n`;
}

/** @returns the exit code */
async function watch(args: WatchArguments): Promise<number> {
  const { name, timeout, json, store, install } = args;
  const nats = await connectionOf(args);
  if (nats === undefined)
    process.stderr.write('Showing only the status. To see what the workers do as well, give --nats or set NCSWEEP_NATS\n');
  const client = await connectCluster(args);
  const until = timeout === undefined ? Infinity : Date.now() + timeout * 1000;
  const output = outputFor(json, process.stdout);
  const say = (text: string): boolean => process.stdout.write(json ? `${JSON.stringify({ kind: 'note', text })}\n` : `${text}\n`);
  const view = new SweepView(output, say);
  const stop = new AbortController();
  let workers: Promise<void> | undefined;
  try {
    for (;;) {
      const found = await client.get(name);
      await view.see(found, () => planOf(found, store));
      const ended = exitCodeOfEnd(found);
      if (ended !== undefined) {
        output.close();
        process.stdout.write(endText(found, ended, json));
        return ended;
      }
      if (Date.now() > until) {
        process.stderr.write(`${name} has not finished after ${timeout} s\n`);
        return exitCodes.timedOut;
      }
      if (nats !== undefined && view.isPlanned) workers ??= followWorkers(nats, install, found.metadata.uid, view, stop.signal);
      // Following ends before the Sweep only if it could not begin.
      await Promise.race([sleep(lookEveryMs), ...(workers === undefined ? [] : [workers])]);
    }
  } finally {
    output.close();
    stop.abort();
    await workers;
  }
}

export const watchCommand = (tools: CommandTools) =>
  defineCommand({
    ...listedCommands.watch,
    builder: (yargs) =>
      yargs.positional('name', namePositional).options({
        ...clusterOptions,
        ...natsOptions(tools),
        store: {
          type: 'string',
          requiresArg: true,
          describe: 'location of its store as seen from here; read only for pushed datasets',
        },
        timeout: { type: 'number', requiresArg: true, describe: 'stop following after this many seconds, with exit code 124' },
        json: { type: 'boolean', default: false, describe: 'print events as JSON lines, as `run --json`' },
      }),
    handler: async (args) => {
      process.once('SIGINT', () => {
        process.exit(exitCodes.interrupted);
      });
      checkNumber('timeout', args.timeout, 0);
      process.exitCode = await watch(args);
    },
  });
