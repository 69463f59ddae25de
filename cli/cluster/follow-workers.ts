/** The reports of a Sweep's workers, as the events of a run. If NATS cannot be reached, it reports that once and keeps retrying. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import { UnreachableError } from '@ncsweep/protocol/errors';
import type { TaskRecord } from '@ncsweep/protocol/messages';
import type { FeedListener, SweepFeed } from '@ncsweep/protocol/stream/jetstream/sweep-feed';
import { SequenceGaps } from '@ncsweep/protocol/stream/sequence-gaps';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';

const againAfterMs = 3_000;

/** Older workers do not identify themselves. */
const workerOf = ({ worker, attemptId }: TaskRecord): string => worker ?? attemptId.slice(-8);

export class FollowWorkers implements FeedListener {
  readonly #on: (event: RunEvent) => void;
  /** Records are numbered from 1 in each attempt. */
  readonly #gaps = new SequenceGaps(1);
  #isAway = false;

  constructor(on: (event: RunEvent) => void) {
    this.#on = on;
  }

  /** Resolves when `stop` is aborted. @throws InvalidInputError */
  async run(open: () => Promise<SweepFeed>, sweep: string, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        const feed = await open();
        await feed.follow(sweep, stop, this).finally(() => feed.close());
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        if (!this.#isAway) this.#on({ kind: 'note', text: `${error.message}. Until it answers, only the status is shown` });
        this.#isAway = true;
        await sleep(againAfterMs, undefined, { signal: stop, ref: false }).catch(() => undefined);
      }
    }
  }

  began(record: TaskRecord): void {
    this.#isAway = false;
    this.#gaps.begin(record.attemptId, record.seq);
    this.#on({ kind: 'record', worker: workerOf(record), record });
  }

  record(record: TaskRecord): void {
    this.#isAway = false;
    const worker = workerOf(record);
    const count = this.#gaps.see(record.attemptId, record.seq);
    if (count > 0) this.#on({ kind: 'records-lost', worker, attemptId: record.attemptId, count });
    this.#on({ kind: 'record', worker, record });
  }

  event(event: StreamEvent): void {
    const { worker } = event;
    this.#on({ kind: 'stream', worker, event });
    if (event.kind === 'worker-drained') this.#on({ kind: 'worker-ended', worker, exitCode: event.exitCode, signal: null });
  }
}
