import { assertKey, assertPrefix } from '../store/key-syntax.ts';
import type { ObjectInfo, ObjectStore } from '../store/object-store.ts';

/** The store in memory, for tests. Values are copied on the way in and out. */
export class MemoryStore implements ObjectStore {
  readonly location = 'memory';
  readonly #objects = new Map<string, { value: Uint8Array; modifiedMs: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#try(() => {
      assertKey(key);
      return this.#objects.get(key)?.value.slice();
    });
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#try(() => {
      assertKey(key);
      const found = this.#objects.get(key);
      return found && { key, sizeBytes: found.value.length, modifiedMs: found.modifiedMs };
    });
  }

  put(key: string, value: Uint8Array): Promise<void> {
    return this.#try(() => {
      assertKey(key);
      this.#objects.set(key, { value: Uint8Array.from(value), modifiedMs: this.#now() });
    });
  }

  putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    return this.#try(() => {
      assertKey(key);
      if (this.#objects.has(key)) return false;
      this.#objects.set(key, { value: Uint8Array.from(value), modifiedMs: this.#now() });
      return true;
    });
  }

  delete(key: string): Promise<void> {
    return this.#try(() => {
      assertKey(key);
      this.#objects.delete(key);
    });
  }

  async *list(prefix: string): AsyncIterable<ObjectInfo> {
    assertPrefix(prefix);
    for (const key of [...this.#objects.keys()].filter((each) => each.startsWith(prefix)).sort()) {
      const found = await this.head(key);
      if (found) yield found;
    }
  }

  #try<T>(action: () => T): Promise<T> {
    return Promise.resolve().then(action);
  }
}
