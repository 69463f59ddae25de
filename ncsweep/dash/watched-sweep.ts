/** One sweep as the live page sees it: its table, its board, what feeds the board, and what is read when somebody asks. */
import { ingest } from '@ncsweep/orchestrator/engine/ingest/ingest';
import { LineTables } from '@ncsweep/orchestrator/engine/ingest/line-tables';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import { readLedger } from '@ncsweep/orchestrator/engine/store/roots';
import { cellStory, type CellStory } from '@ncsweep/orchestrator/engine/story/story';
import { judgeSweep } from '@ncsweep/report/aggregate/verdict';
import { headline } from '@ncsweep/report/aggregate/verdict-lines';
import { NotFoundError } from '@ncsweep/protocol/errors';
import type { FoundSweep } from '../find-sweep.ts';
import { RunFeed } from './feed/run-feed.ts';
import { StoreWatch } from './feed/store-watch.ts';
import { StoredCells, type Watched } from './feed/stored-cells.ts';
import { storedTimeline } from './feed/stored-timeline.ts';
import { Board, type ChangeClock } from './state/board.ts';
import { placeCells } from './state/layout.ts';
import { Live } from './state/live.ts';
import { packSweep } from './state/packed.ts';
import type { Changes, ClaimNow, SweepHead, SweepLine, Timeline, VerdictsNow } from './state/wire.ts';

/** Judging reads every result that is new; it is not begun again before this long after the last time, ms. */
const verdictsEveryMs = 2000;

export class WatchedSweep {
  readonly #found: FoundSweep;
  readonly #watched: Watched;
  readonly #stored: StoredCells;
  readonly #clock: ChangeClock;
  readonly #origin: string;
  readonly #stop = new AbortController();
  #run: RunFeed | undefined;
  #verdicts: { readonly atMs: number; readonly last: number; readonly now: Promise<VerdictsNow> } | undefined;

  /** @param origin names the server's count of changes */
  constructor(found: FoundSweep, clock: ChangeClock, origin: string) {
    const { plan, store } = found;
    const placed = placeCells(plan);
    const live = new Live(clock, { kind: 'reading', read: 0, checkedAtMs: Date.now() });
    this.#found = found;
    this.#clock = clock;
    this.#origin = origin;
    this.#watched = { plan, store, placed, board: new Board(placed.ids.length, clock), live };
    this.#stored = new StoredCells(this.#watched);
  }

  get name(): string {
    return this.#found.plan.sweep.name;
  }

  get line(): SweepLine {
    return { name: this.name, planDigest: this.#found.plan.planDigest, counts: this.#watched.board.counts };
  }

  /** Whether the sweep was planned anew since, so that this table is an old one. @throws StoreUnavailableError */
  async isOutdated(): Promise<boolean> {
    if (this.#run !== undefined) return false;
    const { store, uid, plan } = this.#found;
    const ledger = await readLedger(store, uid);
    return ledger !== undefined && ledger.planDigest !== plan.planDigest;
  }

  /** Number of the last change of anything that the page shows. */
  get last(): number {
    return Math.max(this.#watched.board.last, this.#watched.live.last);
  }

  /** Follows the store until the sweep is closed. */
  watchStore(): void {
    void new StoreWatch(this.#watched, this.#stored).run(this.#stop.signal);
  }

  /** From now on {@link see} tells what happens. Resolves when what the store has already is read. */
  followRun(): Promise<void> {
    this.#run = new RunFeed(this.#watched, this.#stored);
    return this.#run.readStore(this.#stop.signal);
  }

  see(event: RunEvent): void {
    this.#run?.see(event);
  }

  /** The run is over: nothing changes any more. */
  async settle(): Promise<void> {
    this.#stop.abort();
    await this.#run?.settle();
    this.#watched.live.setEta(undefined);
    this.#watched.live.setSource({ kind: 'settled', checkedAtMs: Date.now() });
  }

  close(): void {
    this.#stop.abort();
  }

  packed(): Uint8Array {
    const { placed, board } = this.#watched;
    return packSweep(this.#head(), { ...placed, states: board.states, values: board.values });
  }

  changesSince(version: number): Changes {
    return { sweep: this.name, ...this.#watched.board.changesSince(version), live: this.#watched.live.facts };
  }

  /** @throws NotFoundError for a number that no cell has */
  async story(cell: number): Promise<CellStory> {
    const { placed, plan, store } = this.#watched;
    const found = plan.cells.get(placed.ids[cell] ?? '');
    if (found === undefined) throw new NotFoundError(`cell ${cell}: the sweep has cells 0 to ${placed.ids.length - 1}`);
    return cellStory(plan, store, found);
  }

  async timeline(): Promise<Timeline> {
    if (this.#run !== undefined) return { spans: this.#run.spans, leftOut: 0 };
    return storedTimeline(this.#watched, this.#stop.signal);
  }

  /** Judges what is committed by the rules of the report. */
  verdicts(): Promise<VerdictsNow> {
    const { board } = this.#watched;
    const before = this.#verdicts;
    if (before !== undefined && (before.last === board.last || Date.now() - before.atMs < verdictsEveryMs)) return before.now;
    const now = this.#judge();
    this.#verdicts = { atMs: Date.now(), last: board.last, now };
    now.catch(() => {
      this.#verdicts = undefined;
    });
    return now;
  }

  async #judge(): Promise<VerdictsNow> {
    const { plan, store, uid } = this.#found;
    const { signal } = this.#stop;
    const tables = await ingest(plan.sweep, plan, store, { tables: await LineTables.open(store, uid, signal), signal });
    const { sets } = judgeSweep(tables);
    const claims = sets.flatMap(({ set, strata }) =>
      strata.flatMap(({ stratum, roles, verdicts }) =>
        verdicts.map((verdict): ClaimNow => ({
          set: set.name,
          number: verdict.claim.number,
          title: verdict.claim.title,
          stratum: [stratum.dataset, stratum.architecture, stratum.norm].filter(Boolean).join(', '),
          outcome: verdict.outcome,
          headline: headline(verdict, roles.epsilon?.label),
          seeds: Number.isFinite(verdict.n) ? verdict.n : 0,
          seedsAsked: plan.sweep.seeds.length,
        })),
      ),
    );
    return { claims, done: this.#watched.board.counts.done, cells: plan.cells.size, atMs: Date.now() };
  }

  #head(): SweepHead {
    const { plan, storeLocation, origin } = this.#found;
    const { board, live, placed } = this.#watched;
    const { name, question } = plan.sweep;
    return {
      name,
      question,
      store: storeLocation,
      backend: plan.backend,
      planDigest: plan.planDigest,
      commands: {
        retry: origin === 'cluster' ? `ncsweep retry ${name} --failed` : 'ncsweep run FILE --retry-failed',
        show: 'ncsweep show',
      },
      layout: placed.layout,
      cells: board.size,
      version: this.#clock.version,
      origin: this.#origin,
      live: live.facts,
    };
  }
}
