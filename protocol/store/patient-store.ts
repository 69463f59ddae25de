/**
 * A store that waits out transient errors: an operation that fails with one is retried, at growing intervals, until it succeeds or
 * patience ends. Other errors pass through at once.
 */
import { type ObjectInfo, type ObjectStore, StoreUnavailableError } from './object-store.ts';

export interface Patience {
  /** How long one operation may take, ms. */
  readonly limitMs: number;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** In [0,1); spreads out the clients of a service that comes back. */
  readonly random: () => number;
  /** Called when an operation begins to wait. */
  readonly onWait: (error: StoreUnavailableError) => void;
}

const firstPauseMs = 500;
const longestPauseMs = 30_000;

export class PatientStore implements ObjectStore {
  readonly location: string;
  readonly isRemote: boolean;
  readonly #store: ObjectStore;
  readonly #patience: Patience;

  constructor(store: ObjectStore, patience: Patience) {
    this.location = store.location;
    this.isRemote = store.isRemote === true;
    this.#store = store;
    this.#patience = patience;
  }

  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#insist(() => this.#store.get(key, signal));
  }

  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined> {
    return this.#insist(() => this.#store.head(key, signal));
  }

  put(key: string, value: Uint8Array, signal?: AbortSignal): Promise<void> {
    return this.#insist(() => this.#store.put(key, value, signal));
  }

  /** When the response to a put was lost, its retry finds its own value: then the stored value is ours. */
  putIfAbsent(key: string, value: Uint8Array, signal?: AbortSignal): Promise<boolean> {
    return this.#insist(async (isFirst) => {
      if (await this.#store.putIfAbsent(key, value, signal)) return true;
      if (isFirst) return false;
      const standing = await this.#store.get(key, signal);
      return standing !== undefined && Buffer.compare(standing, value) === 0;
    });
  }

  delete(key: string, signal?: AbortSignal): Promise<void> {
    return this.#insist(() => this.#store.delete(key, signal));
  }

  /** Continues after the last key returned. */
  async *list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo> {
    let last = '';
    let pages = this.#store.list(prefix, signal)[Symbol.asyncIterator]();
    for (;;) {
      const next = await this.#insist(async (isFirst) => {
        if (!isFirst) pages = this.#store.list(prefix, signal)[Symbol.asyncIterator]();
        let found = await pages.next();
        while (found.done !== true && found.value.key <= last) found = await pages.next();
        return found;
      });
      if (next.done === true) return;
      last = next.value.key;
      yield next.value;
    }
  }

  async #insist<T>(operation: (isFirst: boolean) => Promise<T>): Promise<T> {
    const { limitMs, now, pause, random, onWait } = this.#patience;
    const until = now() + limitMs;
    for (let failures = 0; ; failures++) {
      try {
        return await operation(failures === 0);
      } catch (error) {
        if (!(error instanceof StoreUnavailableError && error.isTransient) || now() >= until) throw error;
        if (failures === 0) onWait(error);
        const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 10), Math.max(0, until - now()));
        await pause(longest * (0.5 + random() / 2));
      }
    }
  }
}
