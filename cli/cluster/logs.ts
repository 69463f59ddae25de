/** `ncsweep logs`: what workers said, while their pods are there and from the store when they are gone; of a running attempt from NATS. */
import process from 'node:process';
import { findStory } from '@ncsweep/orchestrator/engine/story/find-id';
import { readLedger } from '@ncsweep/orchestrator/engine/store/roots';
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { readStored } from '@ncsweep/orchestrator/engine/store/stored-json';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { InvalidInputError, NotFoundError, UnreachableError } from '@ncsweep/protocol/errors';
import { keys } from '@ncsweep/protocol/keys';
import { cellFailure } from '@ncsweep/protocol/result';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { CommandModule } from 'yargs';
import type { CommandTools } from '../command-tools.ts';
import { connectionOf, natsOptions, type NatsChoice } from '../nats-options.ts';
import { attemptText } from '../record-text.ts';
import { storyText } from '../story-text.ts';
import { clusterOptions, connect, namePositional, type NamedArguments } from './options.ts';
import { storeOf } from './store-of.ts';

type Story = Awaited<ReturnType<typeof findStory>>;

interface LogsArguments extends NamedArguments, NatsChoice {
  readonly cell: string | undefined;
  readonly store: string | undefined;
}

/** A pod that just ended, or whose node is away, has no log to give. */
function lost(error: unknown): string {
  if (error instanceof NotFoundError || error instanceof UnreachableError || error instanceof InvalidInputError)
    return `(no log: ${error.message})\n`;
  throw error;
}

/** What the attempts of a cell say that have no end yet. @throws UnreachableError, InvalidInputError */
async function runningText(story: Story, choice: NatsChoice): Promise<string> {
  const { attempts, result, failure } = 'cell' in story ? story.cell : story;
  const running = result === undefined && failure === undefined ? attempts.filter(({ end }) => end === undefined) : [];
  const nats = await connectionOf(choice);
  if (nats === undefined || running.length === 0) return '';
  const { SweepFeed } = await import('@ncsweep/protocol/stream/jetstream/sweep-feed');
  const feed = await SweepFeed.open(nats, choice.install);
  try {
    const texts: string[] = [];
    for (const { attemptId } of running) texts.push(attemptText(attemptId, await feed.recordsOf(attemptId)));
    return texts.join('');
  } finally {
    await feed.close();
  }
}

export const logsCommand = (tools: CommandTools): CommandModule<object, LogsArguments> => ({
  command: 'logs <name>',
  describe: 'What the workers of a Sweep said: of its pods, and of parked cells after their pods are gone',
  builder: (yargs) =>
    yargs.positional('name', namePositional).options({
      ...clusterOptions,
      ...natsOptions(tools),
      cell: {
        type: 'string',
        requiresArg: true,
        describe: 'the attempts of one cell or trial, by at least six digits of its id; with --nats also what a running one says',
      },
      store: { type: 'string', requiresArg: true, describe: 'where its store is from here; default: as its pods see it' },
    }) as never,
  handler: async ({ name, cell, store: location, ...choice }) => {
    const client = await connect(choice);
    const resource = await client.get(name);
    const store = await openStore(storeOf(resource, location), 'read');
    const ledger = await readLedger(store, resource.metadata.uid);
    if (ledger === undefined) throw new NotFoundError(`${name}: it was never planned, so nothing ran`);
    const plan = planSweep(ledger.sweep, ledger.backend, ledger.batchSize);
    if (cell !== undefined) {
      const story = await findStory([plan], store, cell);
      process.stdout.write(storyText(story));
      process.stdout.write(await runningText(story, choice));
      return;
    }
    for (const pod of await client.pods(resource)) {
      const log = pod.phase === 'Pending' ? '' : await client.log(resource, pod.name).catch(lost);
      process.stdout.write(`== pod ${pod.name} (${pod.phase})\n${log}`);
    }
    for (const cellId of (await storeState(plan, store)).parked.keys()) {
      const found = await readStored(store, keys.failure(cellId), cellFailure);
      if (found === undefined) continue;
      const { class: failureClass, message, logTail } = found.value;
      process.stdout.write(`== cell ${cellId.slice(0, 12)} parked, ${failureClass}: ${message}\n${logTail}\n`);
    }
  },
});
