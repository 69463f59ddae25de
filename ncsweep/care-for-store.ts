/** Garbage and damage in a store. No run may use the store meanwhile. */
import { checkStoreContent, type FsckReport } from '@ncsweep/orchestrator/engine/care/fsck';
import { collectGarbage as collect, type Garbage } from '@ncsweep/orchestrator/engine/care/gc';
import { takeStoreLock } from '@ncsweep/orchestrator/engine/local/store-lock';
import { NotFoundError } from '@ncsweep/protocol/errors';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { openStore } from '@ncsweep/protocol/store/open-store';
import { abortable } from './abortable-store.ts';
import { readDefaults } from './config.ts';

interface StoreOptions {
  /** A directory or s3://bucket/prefix. Default: `NCSWEEP_STORE`, else `.ncsweep/store`. */
  readonly store?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GarbageOptions extends StoreOptions {
  /** Days for which results that no sweep wants are kept after they were written. Default: 30. */
  readonly graceDays?: number | undefined;
  /** Only lists what would be removed. */
  readonly dryRun?: boolean | undefined;
}

export interface CheckOptions extends StoreOptions {
  /** Removes what is damaged; the next run computes it again. */
  readonly repair?: boolean | undefined;
}

/** A mistyped name would pass for a sound store without results. */
async function isEmpty(store: ObjectStore): Promise<boolean> {
  for await (const _ of store.list('v1/')) return false;
  return true;
}

async function locked<T>(
  { store: location, signal }: StoreOptions,
  command: string,
  work: (store: ObjectStore) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const where = location ?? readDefaults().defaultStore;
  if (await isEmpty(await openStore(where, 'read')))
    throw new NotFoundError(`store ${where}: there is none; expected one in which a sweep was run. Remedy: name it with --store`);
  const store = await openStore(where, 'write');
  const lock = await takeStoreLock(store, { command, sweep: '-' });
  try {
    return await work(abortable(store, signal));
  } finally {
    await lock.release();
  }
}

/**
 * Removes what no sweep wants, and what was abandoned.
 * @returns what was removed, sizes in bytes
 * @throws NotFoundError when there is no store; StoreLockedError, StoreUnavailableError
 * @example
 * ```ts
 * import { collectGarbage } from 'ncsweep';
 *
 * const garbage = await collectGarbage({ dryRun: true });
 * console.log(garbage.length, 'objects', garbage.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), 'bytes');
 * ```
 */
export function collectGarbage(options: GarbageOptions = {}): Promise<readonly Garbage[]> {
  const { graceDays = 30, dryRun = false } = options;
  return locked(options, 'ncsweep store gc', (store) => collect(store, { graceDays, dryRun, nowMs: Date.now() }));
}

/**
 * Reads every result and artifact and compares it with its digest.
 * @throws NotFoundError when there is no store; StoreLockedError, StoreUnavailableError
 * @example
 * ```ts
 * import { checkStore } from 'ncsweep';
 *
 * const { results, damages } = await checkStore();
 * console.log(`${results} results, ${damages.length} damaged`);
 * ```
 */
export function checkStore(options: CheckOptions = {}): Promise<FsckReport> {
  const { repair = false } = options;
  return locked(options, 'ncsweep store fsck', (store) => checkStoreContent(store, repair));
}
