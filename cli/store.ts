/** `ncsweep store gc` and `ncsweep store fsck`. */
import process from 'node:process';
import { takeStoreLock } from '@ncsweep/orchestrator/engine/local/store-lock';
import { checkStoreContent } from '@ncsweep/orchestrator/engine/care/fsck';
import { collectGarbage } from '@ncsweep/orchestrator/engine/care/gc';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { CommandModule } from 'yargs';
import type { CommandTools } from './command-tools.ts';
import { exitCodes } from './exit-codes.ts';
import { sizeText } from './size-text.ts';

const shared = (tools: CommandTools) =>
  ({
    store: {
      type: 'string',
      requiresArg: true,
      default: tools.defaultStore,
      describe: 'store: a directory or s3://bucket/prefix',
    },
    output: { alias: 'o', choices: ['table', 'json'], default: 'table', describe: 'form of the output' },
  }) as const;

/** No run may work on the store meanwhile. */
async function locked<T>(location: string, command: string, work: (store: ObjectStore) => Promise<T>): Promise<T> {
  const store = await openStore(location, 'write');
  const lock = await takeStoreLock(store, { command, sweep: '-' });
  try {
    return await work(store);
  } finally {
    await lock.release();
  }
}

interface GcArguments {
  readonly store: string;
  readonly output: string;
  readonly dryRun: boolean;
  readonly graceDays: number;
}

const gcCommand = (tools: CommandTools): CommandModule<object, GcArguments> => ({
  command: 'gc',
  describe: 'Remove what no sweep wants and what was abandoned',
  builder: (yargs) =>
    yargs.options({
      ...shared(tools),
      'dry-run': { type: 'boolean', default: false, describe: 'only list what would be removed' },
      'grace-days': { type: 'number', requiresArg: true, default: 30, describe: 'keep unwanted results so long' },
    }) as never,
  handler: async ({ store: location, output, dryRun, graceDays }) => {
    const options = { dryRun, graceDays, nowMs: Date.now() };
    const garbage = await locked(location, 'ncsweep store gc', (store) => collectGarbage(store, options));
    if (output === 'json') {
      process.stdout.write(`${JSON.stringify({ dryRun, garbage }, null, 2)}\n`);
      return;
    }
    const groups = [...Map.groupBy(garbage, ({ reason }) => reason)].map(([reason, items]) => {
      const bytes = items.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      return `${reason.padEnd(18)} ${String(items.length).padStart(7)} objects  ${sizeText(bytes).padStart(10)}`;
    });
    process.stdout.write([...groups, `${garbage.length} objects ${dryRun ? 'would be' : 'were'} removed`, ''].join('\n'));
  },
});

interface FsckArguments {
  readonly store: string;
  readonly output: string;
  readonly repair: boolean;
}

const fsckCommand = (tools: CommandTools): CommandModule<object, FsckArguments> => ({
  command: 'fsck',
  describe: 'Check every result and artifact',
  builder: (yargs) =>
    yargs.options({
      ...shared(tools),
      repair: { type: 'boolean', default: false, describe: 'remove what is damaged, so that the next run makes it again' },
    }),
  handler: async ({ store: location, output, repair }) => {
    const report = await locked(location, 'ncsweep store fsck', (store) => checkStoreContent(store, repair));
    if (report.damages.length > 0 && !repair) process.exitCode = exitCodes.error;
    if (output === 'json') {
      process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      return;
    }
    const lines = report.damages.map(({ key, problem }) => `${key}: ${problem}`);
    lines.push(
      `${report.results} results, ${report.artifacts} artifacts, ${sizeText(report.bytes)}: ${report.damages.length} damaged`,
    );
    if (report.damages.length > 0)
      lines.push(
        repair ? 'Removed; the next run makes them again.' : 'Remedy: ncsweep store fsck --repair, then run the sweep again.',
      );
    process.stdout.write(`${lines.join('\n')}\n`);
  },
});

export const storeCommand = (tools: CommandTools): CommandModule => ({
  command: 'store <command>',
  describe: 'Look after a store: gc, fsck',
  builder: (yargs) => yargs.command(gcCommand(tools)).command(fsckCommand(tools)).demandCommand(1, 'Name a command: gc or fsck.'),
  handler: () => undefined,
});
