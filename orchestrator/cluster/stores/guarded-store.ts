/**
 * A store that answers every request, or refuses it with an explanation, within a bounded time, whatever the store behind it does.
 */
import { type ObjectInfo, type ObjectStore, StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import type { Clock } from '../passes/clock.ts';

/** A store that takes longer to answer for a small object is of no use to an orchestrator. */
const answerWithinMs = 10_000;
/** Large objects take longer: this much is added for every MiB written. */
const perMebibyteMs = 1_000;

/** Lets requests through, and learns how they went. */
export interface Guard {
  /** @throws StoreUnavailableError with a message for people, while no requests are allowed */
  admit(): void;
  succeeded(): void;
  failed(error: StoreUnavailableError, isSilence: boolean): void;
}

export class GuardedStore implements ObjectStore {
  readonly #store: ObjectStore;
  readonly #guard: Guard;
  readonly #clock: Clock;

  constructor(store: ObjectStore, guard: Guard, clock: Clock) {
    this.#store = store;
    this.#guard = guard;
    this.#clock = clock;
  }

  get location(): string {
    return this.#store.location;
  }

  get isRemote(): boolean {
    return this.#store.isRemote === true;
  }

  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#ask(`reading ${key}`, (limit) => this.#store.get(key, limit), signal);
  }

  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return this.#ask(`reading ${key}`, (limit) => this.#store.head(key, limit), signal);
  }

  put(key: string, value: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#ask(`writing ${key}`, (limit) => this.#store.put(key, value, limit), signal, value.length);
  }

  putIfAbsent(key: string, value: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    return this.#ask(`writing ${key}`, (limit) => this.#store.putIfAbsent(key, value, limit), signal, value.length);
  }

  delete(key: string, signal?: AbortSignal): Promise<void> {
    return this.#ask(`deleting ${key}`, (limit) => this.#store.delete(key, limit), signal);
  }

  /** Each page is one request. */
  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    const stop = new AbortController();
    const all = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const entries = this.#store.list(prefix, all)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#ask(`listing ${prefix}`, () => entries.next(), signal);
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      stop.abort();
    }
  }

  async #ask<T>(doing: string, ask: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal, sizeBytes = 0): Promise<T> {
    this.#guard.admit();
    signal?.throwIfAborted();
    const limitMs = answerWithinMs + (perMebibyteMs * sizeBytes) / 2 ** 20;
    const tooLate = new AbortController();
    const silence = new StoreUnavailableError(silenceWords(this.location, doing, limitMs), { isTransient: true });
    const { promise: never, reject } = Promise.withResolvers<never>();
    const cancel = this.#clock.after(limitMs, () => {
      tooLate.abort(silence);
      reject(silence);
    });
    const stop = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const limit = signal === undefined ? tooLate.signal : AbortSignal.any([signal, tooLate.signal]);
      const answer = await Promise.race([ask(limit), never]);
      this.#guard.succeeded();
      return answer;
    } catch (error) {
      if (error instanceof StoreUnavailableError) this.#guard.failed(error, error === silence);
      throw error;
    } finally {
      cancel();
      signal?.removeEventListener('abort', stop);
    }
  }
}

const silenceWords = (location: string, doing: string, limitMs: number): string =>
  `store ${location}: ${doing}: no answer within ${Math.round(limitMs / 1000)} s. ` +
  'Remedy: check the endpoint, whether the service runs, and whether network policies let the orchestrator reach it';
