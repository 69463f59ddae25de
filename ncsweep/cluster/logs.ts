/** Logs of the workers of a Sweep on a cluster. */
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import { readStored } from '@ncsweep/orchestrator/engine/store/stored-json';
import { findStory } from '@ncsweep/orchestrator/engine/story/find-id';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import type { SweepPod } from '@ncsweep/orchestrator/kube/sweep-client';
import { InvalidInputError, NotFoundError, UnreachableError } from '@ncsweep/protocol/errors';
import { keys } from '@ncsweep/protocol/keys';
import type { TaskRecord } from '@ncsweep/protocol/messages';
import { cellFailure, type CellFailure } from '@ncsweep/protocol/result';
import type { NatsOptions } from '@ncsweep/protocol/stream/jetstream/connect';
import type { Story } from '../tell-story.ts';
import { plannedSweep, type PlannedChoice } from './planned-sweep.ts';

export type SweepLog =
  /** What keeps its workers from working, as its status reports it. */
  | { readonly kind: 'trouble'; readonly reason: string; readonly text: string }
  | { readonly kind: 'pod'; readonly pod: SweepPod; readonly text: string }
  | { readonly kind: 'parked'; readonly cellId: string; readonly failure: CellFailure };

/** A pod that has just ended, or whose node is unreachable, has no log to return. */
function lost(error: unknown): string {
  if (error instanceof NotFoundError || error instanceof UnreachableError || error instanceof InvalidInputError)
    return `(no log: ${error.message})\n`;
  throw error;
}

const unplanned = 'nothing ran';

/** Its pods may be gone, but the status keeps what the last one logged. */
function troubleOf({ status }: SweepResource): Extract<SweepLog, { kind: 'trouble' }> | undefined {
  const found = status?.conditions?.find(
    ({ type, status: truth, reason, message }) =>
      message.includes('pod ') &&
      ((type === 'Progressing' && truth === 'False') || (type === 'Failed' && reason === 'WorkersCrashing')),
  );
  return found && { kind: 'trouble', reason: found.reason, text: found.message };
}

/**
 * Yields what keeps a Sweep's workers from working, if anything does; then the logs of its pods; then those of its parked cells, whose
 * pods may be gone.
 * @throws NotFoundError, InvalidInputError, StoreUnavailableError, UnreachableError
 * @example
 * ```ts no-run
 * import { sweepLogs } from 'ncsweep';
 *
 * for await (const log of sweepLogs('quickstart', { namespace: 'vision' }))
 *   console.log(log.kind === 'parked' ? `${log.cellId}: ${log.failure.message}` : log.text);
 * ```
 */
export async function* sweepLogs(name: string, choice: PlannedChoice = {}): AsyncGenerator<SweepLog> {
  const { client, resource, store, plan } = await plannedSweep(name, choice, 'read', unplanned);
  const trouble = troubleOf(resource);
  if (trouble !== undefined) yield trouble;
  for (const pod of await client.pods(resource)) {
    const isPending = pod.phase === 'Pending';
    const text = isPending ? `(did not start: ${pod.problem ?? 'it waits'})\n` : await client.log(resource, pod.name).catch(lost);
    yield { kind: 'pod', pod, text };
  }
  for (const cellId of (await storeState(plan, store)).parked.keys()) {
    const found = await readStored(store, keys.failure(cellId), cellFailure);
    if (found !== undefined) yield { kind: 'parked', cellId, failure: found.value };
  }
}

/** The story of a cell or trial of a Sweep. @throws as `tellStory`, UnreachableError */
export async function clusterStory(name: string, id: string, choice: PlannedChoice = {}): Promise<Story> {
  const { store, plan } = await plannedSweep(name, choice, 'read', unplanned);
  return findStory([plan], store, id);
}

/** Live records of a cell's unfinished attempts, by attempt. @throws UnreachableError, InvalidInputError */
export async function runningRecords(
  story: Story,
  nats: NatsOptions,
  install: string,
): Promise<ReadonlyMap<string, readonly TaskRecord[]>> {
  const { attempts, result, failure } = 'cell' in story ? story.cell : story;
  const running = result === undefined && failure === undefined ? attempts.filter(({ end }) => end === undefined) : [];
  const records = new Map<string, readonly TaskRecord[]>();
  if (running.length === 0) return records;
  const { SweepFeed } = await import('@ncsweep/protocol/stream/jetstream/sweep-feed');
  const feed = await SweepFeed.open(nats, install);
  try {
    for (const { attemptId } of running) records.set(attemptId, await feed.recordsOf(attemptId));
    return records;
  } finally {
    await feed.close();
  }
}
