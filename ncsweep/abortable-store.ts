/** Lets a signal stop work that takes no signal itself, at its next use of the store. */
import type { ObjectInfo, ObjectStore } from '@ncsweep/protocol/store/object-store';

/** @returns a store whose every use throws the signal's reason once the signal is aborted */
export function abortable(store: ObjectStore, signal: AbortSignal | undefined): ObjectStore {
  if (signal === undefined) return store;
  async function* list(prefix: string): AsyncGenerator<ObjectInfo> {
    for await (const info of store.list(prefix, signal)) {
      signal?.throwIfAborted();
      yield info;
    }
  }
  const guarded = async <T>(use: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    return use();
  };
  return {
    location: store.location,
    get: (key) => guarded(() => store.get(key, signal)),
    head: (key) => guarded(() => store.head(key, signal)),
    put: (key, value) => guarded(() => store.put(key, value, signal)),
    putIfAbsent: (key, value) => guarded(() => store.putIfAbsent(key, value, signal)),
    delete: (key) => guarded(() => store.delete(key, signal)),
    list,
    ...(store.sweepTemporaries && {
      sweepTemporaries: (...args) => guarded(() => store.sweepTemporaries!(...args)),
    }),
  };
}
