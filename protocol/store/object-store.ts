/**
 * The store port. Keys are `/`-separated ASCII paths without empty segments; no key is a prefix of another. Values are immutable in
 * practice: only `putIfAbsent` decides a race, and only results, failures, names and store.json rely on it.
 */
export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** By the store's own clock, ms since epoch. */
  readonly modifiedMs: number;
}

export interface ObjectStore {
  /** Where the store is, for messages: a directory or s3://bucket/prefix. */
  readonly location: string;
  /** A request goes over a network: to list many keys is cheaper than to ask for each. Absent means no. */
  readonly isRemote?: boolean;
  /** undefined when the key does not exist. */
  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  head(key: string, signal?: AbortSignal): Promise<ObjectInfo | undefined>;
  /** Durable when it resolves, and atomic: a reader sees the whole value or none. */
  put(key: string, value: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** True for the one caller that created the key; false when it already existed. Durable when it resolves. */
  putIfAbsent(key: string, value: Uint8Array, signal?: AbortSignal): Promise<boolean>;
  /** Not an error when the key is absent. */
  delete(key: string, signal?: AbortSignal): Promise<void>;
  /** In key order. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<ObjectInfo>;
  /**
   * Removes (or only lists) leftovers of interrupted writes that no key names and that are at least `minAgeMs` old. Absent where there can
   * be none. `key` is the place inside the store, for messages.
   */
  sweepTemporaries?(minAgeMs: number, nowMs: number, dryRun: boolean): Promise<readonly ObjectInfo[]>;
}

/** Thrown when the store cannot be used now: full, read-only, denied, unreachable. The class of the attempt is `infrastructure`. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  /** It may pass by itself: the service is overloaded, restarting, or unreachable. */
  readonly isTransient: boolean;
  constructor(message: string, { isTransient = false, ...options }: ErrorOptions & { readonly isTransient?: boolean } = {}) {
    super(message, options);
    this.isTransient = isTransient;
  }
}

/** Thrown when store.json names a newer format than this build reads. */
export class NewerStoreError extends Error {
  override readonly name = 'NewerStoreError';
}

/** Thrown when stored bytes do not match their recorded digest or do not decode. */
export class CorruptObjectError extends Error {
  override readonly name = 'CorruptObjectError';
  readonly key: string;
  constructor(key: string, message: string, options?: ErrorOptions) {
    super(`${key}: ${message}`, options);
    this.key = key;
  }
}
