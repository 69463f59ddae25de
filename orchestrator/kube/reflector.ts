/**
 * A copy of the API server's objects of one kind, kept up to date: a list in pages, then a watch from there. The watch resumes
 * where it ended; if the server has forgotten that version (410), the objects are listed again; any other failure is retried after
 * a pause. It never gives up.
 */
export interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Token of the next page. */
  readonly continue: string | undefined;
}

export type Change<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  /** Nothing has changed up to this version. */
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };

/** Thrown by a source when the server no longer has the version. */
export class GoneError extends Error {
  override readonly name = 'GoneError';
}

export interface KubeObject {
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly resourceVersion?: string };
}

export interface Source<T extends KubeObject> {
  /** @throws GoneError for a page that no longer exists */
  list(token: string | undefined, signal: AbortSignal): Promise<Page<T>>;
  /** Runs until the server ends it. @throws GoneError, or the error that broke the watch */
  watch(resourceVersion: string, on: (change: Change<T>) => void, signal: AbortSignal): Promise<void>;
}

export interface ReflectorOptions {
  readonly now: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0,1): spreads out the clients of a server that comes back. */
  readonly random: () => number;
  /** Called when something may have changed in `items`. */
  readonly onChange: () => void;
  /** Called when a list or watch failed; it is retried. */
  readonly onError: (error: Error) => void;
}

/** A function, because the compiler assumes that a signal found not aborted stays so. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;

const firstPauseMs = 200;
const longestPauseMs = 30_000;

export const keyOf = ({ metadata }: KubeObject): string => `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;

export class Reflector<T extends KubeObject> {
  readonly #source: Source<T>;
  readonly #options: ReflectorOptions;
  #items = new Map<string, T>();
  #synced = false;
  #contactMs = -Infinity;
  #failures = 0;

  constructor(source: Source<T>, options: ReflectorOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Whether the first list is complete. */
  get synced(): boolean {
    return this.#synced;
  }

  items(): IterableIterator<T> {
    return this.#items.values();
  }

  /** @param key namespace/name */
  get(key: string): T | undefined {
    return this.#items.get(key);
  }

  /** Time since the server last said anything. */
  staleMs(): number {
    return this.#options.now() - this.#contactMs;
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    let version: string | undefined;
    while (!isAborted(signal)) {
      try {
        version ??= await this.#list(signal);
        version = await this.#watch(version, signal);
      } catch (thrown) {
        if (isAborted(signal)) return;
        if (thrown instanceof GoneError) version = undefined;
        else this.#options.onError(thrown instanceof Error ? thrown : new Error(String(thrown)));
        await this.#backOff(signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const found = new Map<string, T>();
    let page = await this.#source.list(undefined, signal);
    for (const item of page.items) found.set(keyOf(item), item);
    while (page.continue !== undefined) {
      page = await this.#source.list(page.continue, signal);
      for (const item of page.items) found.set(keyOf(item), item);
    }
    this.#items = found;
    this.#synced = true;
    this.#heard();
    this.#options.onChange();
    return page.resourceVersion;
  }

  /** @returns the version up to which the copy is valid, however the watch ended @throws GoneError */
  async #watch(from: string, signal: AbortSignal): Promise<string> {
    let version = from;
    const on = (change: Change<T>): void => {
      this.#heard();
      if (change.type === 'BOOKMARK') {
        version = change.resourceVersion;
        return;
      }
      version = change.object.metadata?.resourceVersion ?? version;
      if (change.type === 'DELETED') this.#items.delete(keyOf(change.object));
      else this.#items.set(keyOf(change.object), change.object);
      this.#options.onChange();
    };
    try {
      await this.#source.watch(version, on, signal);
    } catch (error) {
      if (error instanceof GoneError || signal.aborted) throw error;
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
      await this.#backOff(signal);
    }
    return version;
  }

  #heard(): void {
    this.#contactMs = this.#options.now();
    this.#failures = 0;
  }

  async #backOff(signal: AbortSignal): Promise<void> {
    const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    await this.#options.pause(longest * (0.5 + this.#options.random() / 2), signal);
  }
}
