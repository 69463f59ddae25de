/** What workers did, from the attempts in a store: for sweeps that ran in another process, or earlier. */
import { forEachBounded } from '@ncsweep/orchestrator/engine/bounded';
import { readStored } from '@ncsweep/orchestrator/engine/store/stored-json';
import { keys } from '@ncsweep/protocol/keys';
import { attemptEnd, attemptStart, cellResult, type CellResult } from '@ncsweep/protocol/result';
import type { Span, Timeline } from '../state/wire.ts';
import type { Watched } from './stored-cells.ts';

/** Cells whose attempts are read: each costs a few requests. */
const mostCells = 3000;
const concurrency = 16;

const outcomes = { committed: 'committed', duplicate: 'duplicate', failed: 'failed', 'given-back': 'given-back' } as const;

/** Attempts of the cells that are done, running or parked, oldest first. @throws CorruptObjectError, StoreUnavailableError */
export async function storedTimeline({ board, placed, store }: Watched, signal: AbortSignal): Promise<Timeline> {
  const cells = placed.ids.map((cellId, cell) => ({ cellId, cell }));
  const begun = cells.filter(({ cell }) => ['done', 'running', 'parked'].includes(board.stateOf(cell)));
  const spans: Span[] = [];
  await forEachBounded(begun.slice(-mostCells), concurrency, async ({ cellId, cell }) => {
    signal.throwIfAborted();
    const prefix = keys.attempts(cellId);
    const attempts = new Set<string>();
    for await (const { key } of store.list(prefix, signal)) attempts.add(key.slice(prefix.length).split('/')[0] ?? '');
    const result = (await readStored(store, keys.result(cellId), cellResult, signal))?.value;
    for (const attemptId of attempts) {
      const start = (await readStored(store, keys.start(cellId, attemptId), attemptStart, signal))?.value;
      if (start === undefined) continue;
      const end = (await readStored(store, keys.end(cellId, attemptId), attemptEnd, signal))?.value;
      const at = { worker: start.worker, cell, startMs: start.startedAt };
      if (result?.attemptId === attemptId) spans.push({ ...at, ...committed(result) });
      else if (end !== undefined)
        spans.push({ ...at, outcome: outcomes[end.outcome], message: [end.class, end.message].filter(Boolean).join(': ') });
      else
        spans.push({ ...at, outcome: start.expiresAt > Date.now() && board.stateOf(cell) === 'running' ? 'running' : 'unknown' });
    }
  });
  spans.sort((a, b) => a.startMs - b.startMs);
  return { spans, leftOut: Math.max(0, begun.length - mostCells) };
}

const committed = ({ times }: CellResult) =>
  ({ startMs: times.startMs, endMs: times.endMs, computeMs: times.computeMs, outcome: 'committed' }) as const;
