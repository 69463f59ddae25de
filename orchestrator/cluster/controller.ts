/**
 * The controller: each Sweep has its own passes, and a bounded number of passes run at once, so that no Sweep waits for another.
 * Two loops run beside them: one lists the Sweeps, the other keeps NATS as the Sweeps need it. Everything it remembers can be
 * rebuilt, so a new leader starts with nothing.
 */
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import { TaskHolders } from '../engine/queue/task-holders.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import { NamespaceShares } from './jobs/namespace-limits.ts';
import { MeasuredSweeps } from './measured-sweeps.ts';
import type { ControllerOptions, Parts } from './parts.ts';
import { rest } from './passes/clock.ts';
import { KeyedQueue } from './passes/keyed-queue.ts';
import { PlanGate } from './stores/plan-gate.ts';
import { StoreLocations } from './stores/store-locations.ts';
import { placeOf } from './stores/store-policy.ts';
import { StreamKeeper } from './stream-keeper.ts';
import { SweepDeletions } from './sweep-deletions.ts';
import { keyOf, SweepPasses } from './sweep-passes.ts';

/**
 * Concurrent passes. They mostly wait for stores and the API server; a silent store occupies one for each of its sweeps, once, for
 * seconds.
 */
const workers = 16;
/** A pass that takes longer is aborted. */
const passBudgetMs = 30_000;
const everyMs = 1_000;

export class Controller {
  readonly #options: ControllerOptions;
  readonly #parts: Parts;
  readonly #passes: SweepPasses;
  readonly #queue: KeyedQueue;
  readonly #measured: MeasuredSweeps;
  readonly #stream: StreamKeeper;
  readonly #stores: StoreLocations;
  /** The existing Sweeps: key → the version of what only a person changes, and where their store is. */
  readonly #known = new Map<string, { readonly version: string; readonly location: string }>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    const gate = new PlanGate();
    this.#stream = new StreamKeeper({
      stream: options.stream,
      now: options.now,
      onEvent: (uid, event) => this.#see(uid, event),
      onLostEvents: (count) => this.#loseEvents(count),
      onLost: () => this.#passes.forgetQueues(),
      onReady: () => this.#hurry(() => true),
    });
    this.#stores = new StoreLocations({
      open: options.openStore,
      clock: options.clock,
      onChange: (location) => this.#storeChanged(location),
    });
    this.#parts = {
      options,
      gate,
      stores: this.#stores,
      stream: this.#stream,
      holders: new TaskHolders(options.now),
      shares: new NamespaceShares(options.limits),
      deletions: new SweepDeletions(gate),
      wake: (key) => this.#wake(key),
    };
    this.#passes = new SweepPasses(this.#parts);
    this.#measured = new MeasuredSweeps(options);
    this.#queue = new KeyedQueue({
      workers,
      budgetMs: passBudgetMs,
      clock: options.clock,
      random: options.random,
      work: (key, signal) => this.#passes.pass(key, signal),
      onError: (key, error, backOffMs) => this.#passFailed(key, error, backOffMs),
    });
  }

  /**
   * Runs until the signal is aborted.
   * @param onBeat called each time the controller has listed the Sweeps, which waits for nothing but the event loop
   */
  async run(signal: AbortSignal, onBeat: () => void): Promise<void> {
    const census = this.#every(signal, async () => {
      if (this.#options.cluster.synced) await this.#census();
      onBeat();
    });
    const keeping = this.#every(signal, () => this.#stream.pass(signal));
    await Promise.all([census, keeping]);
    this.#stores.stop();
    await this.#queue.stop();
  }

  async #every(signal: AbortSignal, action: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await action();
      await rest(this.#options.clock, everyMs, signal);
    }
  }

  /** Gives new and edited Sweeps a pass at once, and forgets what was known of those that are gone. */
  async #census(): Promise<void> {
    const sweeps = this.#options.cluster.sweeps();
    const there = new Map(sweeps.map((resource) => [keyOf(resource), resource]));
    for (const key of this.#known.keys()) {
      if (there.has(key)) continue;
      this.#known.delete(key);
      this.#queue.remove(key);
      void this.#passes.forget(key);
    }
    for (const [key, resource] of there) {
      const version = versionOf(resource);
      if (this.#known.get(key)?.version === version) continue;
      this.#known.set(key, { version, location: this.#locationOf(resource) });
      this.#queue.hurry(key);
    }
    this.#stores.sweep();
    await this.#measured.pass(sweeps);
    this.#options.metrics.load({
      overdue: this.#queue.overdue,
      unreachableStores: this.#stores.unreachable,
      cells: this.#options.planner.cells,
    });
  }

  #locationOf(resource: SweepResource): string {
    const place = placeOf(resource, this.#options.stores);
    return place.kind === 'allowed' ? place.store.location : '';
  }

  /** Requests a pass, unless the Sweep is gone. */
  #wake(key: string): void {
    if (this.#known.has(key)) this.#queue.add(key);
  }

  /** Retries Sweeps at once, since the cause of their failed passes may be gone. */
  #hurry(isConcerned: (location: string) => boolean): void {
    for (const [key, { location }] of this.#known) if (isConcerned(location)) this.#queue.hurry(key);
  }

  #storeChanged(location: string): void {
    const { ready, reason, message } = this.#stores.readinessOf(location);
    const where = withoutQuery(location);
    if (ready === true) this.#options.log('StoreAnswers', { store: where });
    else this.#options.log('StoreUnavailable', { store: where, reason, why: message });
    this.#hurry((each) => each === location);
  }

  #passFailed(key: string, error: unknown, backOffMs: number): void {
    const [namespace = '', name = '', uid = ''] = key.split('/');
    const why = error instanceof Error ? error.message : String(error);
    const facts = { sweep: `${namespace}/${name}`, uid, why, againInMs: Math.round(backOffMs) };
    this.#options.log('PassFailed', facts);
  }

  /** The next passes read from the store what the lost events reported. */
  #loseEvents(count: number): void {
    this.#options.log('EventsLost', { count });
    this.#options.metrics.lostEvents(count);
    this.#passes.forgetQueues();
  }

  #see(uid: string, event: StreamEvent): void {
    for (const key of this.#passes.see(uid, event)) this.#wake(key);
    const labels = this.#measured.see(uid, event);
    if (labels === undefined || event.kind !== 'attempt-ended') return;
    const { cellId, attemptId, worker, outcome, class: failureClass, message } = event;
    const sweep = `${labels.namespace}/${labels.sweep}`;
    const facts = { sweep, uid, cellId, attemptId, worker, outcome, class: failureClass, why: message };
    this.#options.log('AttemptFailed', facts);
  }
}

/** Drops the query of an address, which may carry credentials. */
const withoutQuery = (location: string): string => location.replace(/[?].*$/, '');

/** What a person can change in a Sweep, its status aside. */
const versionOf = ({ metadata }: SweepResource): string =>
  JSON.stringify([metadata.generation, metadata.deletionTimestamp ?? null, metadata.annotations ?? null]);
