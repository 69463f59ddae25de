/**
 * Retry or park. Failed attempts are counted from their end.json in the store, so that the count outlives every process. An attempt
 * without an end was cut off together with its supervisor (a kill, a power cut): that is a disruption and spends no budget.
 */
import { decodeJson, encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { attemptEnd, type CellFailure, defaultRetries, type FailureClass } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';

export type Retries = Readonly<Partial<Record<FailureClass, number | undefined>>>;

const firstDelayMs = 1000;
const maxDelayMs = 300_000;

/** Failed attempts of a cell by class. */
export async function failedAttempts(store: ObjectStore, cellId: string): Promise<Partial<Record<FailureClass, number>>> {
  const counts: Partial<Record<FailureClass, number>> = {};
  for await (const { key } of store.list(keys.attempts(cellId))) {
    if (!key.endsWith('/end.json')) continue;
    const bytes = await store.get(key);
    const end = bytes && decodeJson(attemptEnd, bytes, key);
    if (end?.outcome === 'failed') counts[end.class ?? 'unknown'] = (counts[end.class ?? 'unknown'] ?? 0) + 1;
  }
  return counts;
}

/** @param failed attempts of this class that failed, the last one included. */
export function budgetSpent(failureClass: FailureClass, failed: number, retries: Retries = {}): boolean {
  return failed > (retries[failureClass] ?? defaultRetries[failureClass]);
}

/** Exponential from 1 s to 5 min. @param failed as for `budgetSpent` */
export const backoffMs = (failed: number): number => Math.min(maxDelayMs, firstDelayMs * 2 ** Math.max(0, failed - 1));

/** Parks a cell; a failure that is there already stays. */
export async function park(store: ObjectStore, failure: CellFailure): Promise<void> {
  await store.putIfAbsent(keys.failure(failure.cellId), encodeJson(failure));
}
