/** `ncsweep list`, `status` and `watch`. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterChoice } from '@ncsweep/orchestrator/kube/kube-config';
import type { SweepResource } from '@ncsweep/orchestrator/reconcile/sweep-resource';
import type { CommandModule } from 'yargs';
import { exitCodes } from '../exit-codes.ts';
import { clusterOptions, connect, formatted, namePositional, outputOption, type NamedArguments, type Output } from './options.ts';
import { statusLine, statusText, sweepTable } from './table.ts';

export const listCommand: CommandModule<object, ClusterChoice & { readonly all: boolean; readonly output: Output }> = {
  command: 'list',
  describe: 'Sweeps on the cluster',
  builder: (yargs) =>
    yargs.options({
      ...clusterOptions,
      ...outputOption,
      all: { alias: ['A', 'all-namespaces'], type: 'boolean', default: false, describe: 'of all namespaces' },
    }),
  handler: async ({ all, output, ...choice }) => {
    const sweeps = await (await connect(choice)).list(all);
    process.stdout.write(output === 'table' ? sweepTable(sweeps, all, Date.now()) : formatted(sweeps, output));
  },
};

export const statusCommand: CommandModule<object, NamedArguments & { readonly output: Output }> = {
  command: 'status <name>',
  describe: 'How far a Sweep on the cluster is, and why',
  builder: (yargs) => yargs.positional('name', namePositional).options({ ...clusterOptions, ...outputOption }),
  handler: async ({ name, output, ...choice }) => {
    const found = await (await connect(choice)).get(name);
    process.stdout.write(output === 'table' ? statusText(found) : formatted(found, output));
  },
};

/** Undefined while it runs. */
function exitCodeOfEnd({ metadata, status }: SweepResource): number | undefined {
  if (status?.observedGeneration !== metadata.generation) return undefined;
  const isTrue = (type: string): boolean =>
    status.conditions?.some((each) => each.type === type && each.status === 'True') ?? false;
  if (isTrue('Complete')) return exitCodes.ok;
  if (isTrue('Failed')) return exitCodes.finishedWithFailures;
  return status.phase === 'Invalid' ? exitCodes.invalidInput : undefined;
}

const lookEveryMs = 1000;

interface WatchArguments extends NamedArguments {
  /** Seconds. */
  readonly timeout: number | undefined;
}

export const watchCommand: CommandModule<object, WatchArguments> = {
  command: 'watch <name>',
  describe: 'Follow a Sweep on the cluster to its end',
  builder: (yargs) =>
    yargs.positional('name', namePositional).options({
      ...clusterOptions,
      timeout: { type: 'number', requiresArg: true, describe: 'seconds to follow it; then exit code 124' },
    }),
  handler: async ({ name, timeout, ...choice }) => {
    const client = await connect(choice);
    process.once('SIGINT', () => {
      process.exit(exitCodes.interrupted);
    });
    const until = timeout === undefined ? Infinity : Date.now() + timeout * 1000;
    for (let last = ''; ;) {
      const found = await client.get(name);
      const line = statusLine(found);
      if (line !== last) process.stdout.write(`${line}\n`);
      last = line;
      const ended = exitCodeOfEnd(found);
      if (ended !== undefined) {
        process.stdout.write(statusText(found));
        process.exitCode = ended;
        return;
      }
      if (Date.now() > until) {
        process.stderr.write(`${name} is not over after ${timeout} s\n`);
        process.exitCode = exitCodes.timedOut;
        return;
      }
      await sleep(lookEveryMs);
    }
  },
};
