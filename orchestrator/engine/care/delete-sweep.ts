/**
 * Deletes what a sweep made: the results of cells that no other sweep of the store wants, with everything below them, then the
 * sweep's own objects. Its roots and its ledger go last, so that an interrupted deletion can resume where it was; whatever it never
 * reached is garbage, which `store gc` collects. No other sweep may be planned on this store meanwhile: it would count on results
 * that are about to disappear.
 */
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { forEachBounded } from '../bounded.ts';
import { decodeRoots } from '../store/roots.ts';
import { mark, objects } from './mark.ts';

export interface DeletedSweep {
  /** Number of cells whose results, failures, attempts and checkpoints are gone. */
  readonly cells: number;
  /** Number of cells that other sweeps want too. */
  readonly kept: number;
}

const concurrency = 16;

/** @throws CorruptObjectError for roots that do not decode, StoreUnavailableError, the signal's reason */
export async function deleteSweep(store: ObjectStore, uid: string, signal: AbortSignal): Promise<DeletedSweep> {
  const own = await objects(store, keys.sweep(uid));
  const isRoots = (key: string): boolean => key.startsWith(`${keys.sweep(uid)}roots/`);
  const cells = new Set<string>();
  for (const { key } of own.filter((info) => isRoots(info.key))) {
    const bytes = await store.get(key, signal);
    if (bytes !== undefined) for (const cellId of decodeRoots(key, bytes)) cells.add(cellId);
  }
  const { wanted } = await mark(store, uid);
  const unwanted = [...cells].filter((cellId) => !wanted.has(cellId));
  await forEachBounded(unwanted, concurrency, (cellId) => deleteCell(store, cellId, signal));
  const isLast = (key: string): boolean => isRoots(key) || key === keys.ledger(uid);
  for (const last of [false, true])
    for (const { key } of own.filter((info) => isLast(info.key) === last)) await store.delete(key, signal);
  return { cells: unwanted.length, kept: cells.size - unwanted.length };
}

/** Deletes the result first, so that no reader finds one without its artifacts. */
async function deleteCell(store: ObjectStore, cellId: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await store.delete(keys.result(cellId), signal);
  await store.delete(keys.failure(cellId), signal);
  for (const prefix of [keys.attempts(cellId), keys.checkpoints(cellId), keys.conflicts(cellId)])
    for (const { key } of await objects(store, prefix)) await store.delete(key, signal);
}
