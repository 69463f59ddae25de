/**
 * Leader election by a Lease. The holder renews it; another replica takes it over once it has not been renewed for its duration.
 * Two leaders at once do no harm, but they do everything twice; so a leader that cannot renew in time stops before another may
 * begin.
 *
 * States of a replica:
 *   waiting   another one holds the lease; it tries again every `retryEveryMs`
 *   leading   it holds the lease and renews it every `renewEveryMs`; after a failure, every `renewAgainMs`
 *   over      it no longer holds the lease, and its process ends
 * Transitions:
 *   waiting → leading   win: the lease is free, its own, or was not renewed for its duration, and no other replica wrote first
 *   leading → over      hold: another replica has it, or no renewal succeeded for `giveUpMs`, or the signal (it gives the lease back)
 */
export interface LeaseRecord {
  readonly holder: string;
  readonly durationSeconds: number;
  /** By the clock of the holder, so only its changes count. */
  readonly renewTime: string;
  readonly transitions: number;
}

export interface LeaseStore {
  /** @returns undefined when there is no record */
  read(): Promise<{ readonly record: LeaseRecord; readonly version: string } | undefined>;
  /** @param version of the record that is replaced; undefined: there is none @returns false when another replica was faster */
  write(record: LeaseRecord, version: string | undefined): Promise<boolean>;
}

export interface ElectionOptions {
  /** Unique among the replicas. */
  readonly identity: string;
  readonly now: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly onError: (error: Error) => void;
}

export const leaseSeconds = 15;
const renewEveryMs = 5_000;
/** A leader that could not renew for this long gives up; this is less than the lease, so that it ends before another begins. */
const giveUpMs = 10_000;
const retryEveryMs = 2_000;
/** The wait after a failed renewal; it is short, so that a busy API server does not cost the lease. */
const renewAgainMs = 1_000;

export class Election {
  readonly #store: LeaseStore;
  readonly #options: ElectionOptions;
  /** The record as last seen, and when it was seen to change, by this replica's clock. */
  #seen: { readonly text: string; readonly atMs: number } | undefined;

  constructor(store: LeaseStore, options: ElectionOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Waits until this replica holds the lease. */
  async win(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#try()) return;
      await this.#options.pause(retryEveryMs, signal);
    }
    signal.throwIfAborted();
  }

  /** Renews until the lease is lost (resolves) or the signal is aborted (gives it back, and resolves). */
  async hold(signal: AbortSignal): Promise<void> {
    const { now, pause } = this.#options;
    let renewedMs = now();
    while (now() - renewedMs < giveUpMs) {
      await pause(now() - renewedMs < renewEveryMs ? renewEveryMs : renewAgainMs, signal);
      if (signal.aborted) return this.#giveBack();
      const startedMs = now();
      if (await this.#try()) renewedMs = startedMs;
      else if (this.#isOthers) return;
    }
  }

  get #isOthers(): boolean {
    const holder = this.#seen && (JSON.parse(this.#seen.text) as LeaseRecord).holder;
    return holder !== undefined && holder !== '' && holder !== this.#options.identity;
  }

  async #try(): Promise<boolean> {
    const { identity, now, onError } = this.#options;
    try {
      const found = await this.#store.read();
      if (found !== undefined && !this.#mayTake(found.record)) return false;
      const before = found?.record ?? { holder: '', transitions: 0 };
      const record: LeaseRecord = {
        holder: identity,
        durationSeconds: leaseSeconds,
        renewTime: new Date(now()).toISOString(),
        transitions: before.transitions + (before.holder === identity ? 0 : 1),
      };
      const written = await this.#store.write(record, found?.version);
      if (written) this.#seen = { text: JSON.stringify(record), atMs: now() };
      return written;
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  /** Whether the lease is ours or nobody's, or has not been renewed for its whole duration, by this replica's clock. */
  #mayTake(record: LeaseRecord): boolean {
    const [text, nowMs] = [JSON.stringify(record), this.#options.now()];
    if (this.#seen?.text !== text) this.#seen = { text, atMs: nowMs };
    const isFree = record.holder === '' || record.holder === this.#options.identity;
    return isFree || nowMs - this.#seen.atMs >= record.durationSeconds * 1000;
  }

  /** Gives the lease back, so that the next leader need not wait. */
  async #giveBack(): Promise<void> {
    try {
      const found = await this.#store.read();
      if (found?.record.holder === this.#options.identity)
        await this.#store.write({ ...found.record, holder: '' }, found.version);
    } catch (error) {
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
