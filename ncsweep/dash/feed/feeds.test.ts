import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { planSweep } from '@ncsweep/orchestrator/planning/plan/plan';
import { commitFake, parkFake } from '@ncsweep/orchestrator/testing/fake-results';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Board, ChangeClock } from '../state/board.ts';
import { placeCells } from '../state/layout.ts';
import { Live } from '../state/live.ts';
import { RunFeed } from './run-feed.ts';
import { StoreWatch } from './store-watch.ts';
import { StoredCells, type Watched } from './stored-cells.ts';

const plan = planSweep({ ...exampleSweep, seeds: [1], trainings: exampleSweep.trainings.slice(0, 1) }, 'wasm', 100);
const ids = [...plan.cells.keys()];
const [training] = plan.trainings;
const first = training!.cells[0]!.cellId;

let store: MemoryStore;
let watched: Watched;
let stored: StoredCells;
beforeEach(() => {
  store = new MemoryStore();
  const placed = placeCells(plan);
  const clock = new ChangeClock();
  const live = new Live(clock, { kind: 'reading', read: 0, checkedAtMs: 0 });
  watched = { plan, store, placed, live, board: new Board(placed.ids.length, clock) };
  stored = new StoredCells(watched);
});
const state = (cellId: string) => watched.board.stateOf(stored.numberOf(cellId)!);
const patience = { timeout: 20_000, interval: 10 };

describe('a watch on a store', () => {
  let stop: AbortController;
  beforeEach(() => {
    stop = new AbortController();
  });
  afterEach(() => stop.abort());

  it('shows what is there, then what comes, who runs it, and when nothing can come any more', async () => {
    for (const cellId of ids.slice(0, 2)) await commitFake(plan, store, cellId);
    void new StoreWatch(watched, stored).run(stop.signal);
    await vi.waitFor(() => expect(watched.board.counts.done).toBe(2), patience);
    await vi.waitFor(() => expect(watched.live.source.kind).toBe('watching'), patience);
    const next = training!.cells[2]!.cellId;
    const start = {
      v: 1,
      taskId: 'a'.repeat(64),
      worker: 'w1',
      node: 'n',
      buildId: 'b',
      startedAt: Date.now(),
      expiresAt: Date.now() + 1e9,
    };
    await store.put(keys.start(next, '01'), encodeJson(start));
    await vi.waitFor(() => expect(state(next)).toBe('running'), patience);
    expect(watched.live.facts.workers).toMatchObject([{ worker: 'w1', cell: stored.numberOf(next) }]);
    for (const cellId of ids.slice(2)) await commitFake(plan, store, cellId);
    await vi.waitFor(() => expect(watched.board.counts.done).toBe(ids.length), patience);
    await vi.waitFor(() => expect(watched.live.source.kind).toBe('settled'), patience);
    expect(watched.live.facts.workers).toEqual([]);
  });

  it('says since when the store does not answer, keeps what it knew, and goes on when it answers again', async () => {
    await commitFake(plan, store, first);
    void new StoreWatch(watched, stored).run(stop.signal);
    await vi.waitFor(() => expect(state(first)).toBe('done'), patience);
    await vi.waitFor(() => expect(watched.live.source.kind).toBe('watching'), patience);
    const { checkedAtMs } = watched.live.source;
    const get = vi.spyOn(store, 'get').mockRejectedValue(new StoreUnavailableError('the disk is gone'));
    await vi.waitFor(() => expect(watched.live.source.error).toBe('the disk is gone'), patience);
    expect(state(first)).toBe('done');
    expect(watched.live.source.checkedAtMs).toBeGreaterThanOrEqual(checkedAtMs);
    get.mockRestore();
    await vi.waitFor(() => expect(watched.live.source.error).toBeUndefined(), patience);
  });
});

describe('cells of a store', () => {
  const look = async (cellId: string) => stored.look(plan.cells.get(cellId)!);

  it('are done only while the inputs of their result are current', async () => {
    const evaluation = plan.evaluations[0]!.cells[0]!;
    await commitFake(plan, store, evaluation.inputs[0]!);
    await commitFake(plan, store, evaluation.cellId);
    expect(await look(evaluation.cellId)).toBe(false);
    await look(evaluation.inputs[0]!);
    expect(await look(evaluation.cellId)).toBe(true);
  });

  it('are blocked by a failed one, and free again when it is retried', async () => {
    await parkFake(store, first);
    await look(first);
    expect(state(first)).toBe('parked');
    expect(watched.board.counts.blocked).toBe(ids.length - 1);
    await store.delete(keys.failure(first));
    await look(first);
    expect(watched.board.counts).toMatchObject({ waiting: ids.length, blocked: 0, parked: 0 });
  });
});

describe('a run in this process', () => {
  const base = { v: 1, taskId: 'a'.repeat(64), attemptId: '01', atMs: 1000 } as const;
  const started = (cellId: string, atMs: number) =>
    ({ kind: 'record', worker: 'w1', record: { ...base, kind: 'attempt', seq: 1, cellId, atMs, state: 'started' } }) as const;
  const committed = (cellId: string, atMs: number) =>
    ({ kind: 'stream', worker: 'w1', event: { ...base, kind: 'committed', worker: 'w1', cellId, atMs, computeMs: 5 } }) as const;

  it('shows a cell from its begin to its result, the next one of its task, and what the worker did', async () => {
    const feed = new RunFeed(watched, stored, () => 9000);
    const second = training!.cells[1]!.cellId;
    feed.see(started(first, 1000));
    expect(state(first)).toBe('running');
    await commitFake(plan, store, first);
    feed.see(committed(first, 3000));
    await feed.settle();
    expect([state(first), state(second)]).toEqual(['done', 'running']);
    expect(feed.spans).toMatchObject([
      { worker: 'w1', cell: stored.numberOf(first), startMs: 1000, endMs: 3000, outcome: 'committed', computeMs: 5 },
      { worker: 'w1', cell: stored.numberOf(second), startMs: 3000, outcome: 'running' },
    ]);
  });

  it('lets a cell wait again that its worker did not finish', async () => {
    const feed = new RunFeed(watched, stored, () => 9000);
    feed.see(started(first, 1000));
    const ended = {
      ...base,
      kind: 'attempt-ended',
      worker: 'w1',
      cellId: first,
      outcome: 'given-back',
      class: 'disruption',
      message: 'stopped',
    } as const;
    feed.see({ kind: 'stream', worker: 'w1', event: ended });
    await feed.settle();
    expect(state(first)).toBe('waiting');
    expect(feed.spans).toMatchObject([{ outcome: 'given-back', message: 'disruption: stopped' }]);
  });

  it('counts records that did not arrive', () => {
    const feed = new RunFeed(watched, stored, () => 9000);
    const progress = (seq: number) =>
      ({
        kind: 'record',
        worker: 'w1',
        record: { ...base, kind: 'progress', seq, cellId: first, epoch: seq, values: { loss: 1 } },
      }) as const;
    feed.see(progress(1));
    feed.see(progress(5));
    expect(watched.live.facts).toMatchObject({ recordsLost: 3, workers: [{ worker: 'w1', epoch: 5, values: { loss: 1 } }] });
  });
});
