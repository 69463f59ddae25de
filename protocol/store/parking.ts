/**
 * Decides between retry and parking. Failed attempts are counted from their end.json in the store, so that the count outlives every
 * process. An attempt without an end was cut off together with its supervisor (a kill, a power cut). That is a disruption and spends no
 * budget, unless the orchestrator learns another reason from the pod and writes the end itself.
 */
import { decodeJson, encodeJson } from '../json-bytes.ts';
import { keys } from '../keys.ts';
import type { Task } from '../messages.ts';
import { attemptEnd, attemptStart, type CellFailure, defaultRetries, type FailureClass } from '../result.ts';
import type { ObjectStore } from './object-store.ts';

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

/** The first cell of a task that is neither done nor parked; its next attempt works on that one. */
export async function openCell(store: ObjectStore, { cells }: Pick<Task, 'cells'>): Promise<string | undefined> {
  for (const { cellId } of cells)
    if (!(await store.head(keys.result(cellId))) && !(await store.head(keys.failure(cellId)))) return cellId;
  return undefined;
}

/** The attempt at a cell that a pod began and whose end nobody recorded. */
export async function openAttempt(store: ObjectStore, cellId: string, podUid: string): Promise<string | undefined> {
  const found: string[] = [];
  for await (const { key } of store.list(keys.attempts(cellId))) found.push(key);
  for (const key of found.filter((each) => each.endsWith('/start.json'))) {
    const attemptId = key.split('/').at(-2)!;
    if (found.includes(keys.end(cellId, attemptId))) continue;
    const bytes = await store.get(key);
    if (bytes && decodeJson(attemptStart, bytes, key).podUid === podUid) return attemptId;
  }
  return undefined;
}

/** @param failed attempts of this class, including the last one. */
export function budgetSpent(failureClass: FailureClass, failed: number, retries: Retries = {}): boolean {
  return failed > (retries[failureClass] ?? defaultRetries[failureClass]);
}

/** Exponential from 1 s to 5 min. @param failed as for `budgetSpent` */
export const backoffMs = (failed: number): number => Math.min(maxDelayMs, firstDelayMs * 2 ** Math.max(0, failed - 1));

/** Parks a cell; an existing failure stays. */
export async function park(store: ObjectStore, failure: CellFailure): Promise<void> {
  await store.putIfAbsent(keys.failure(failure.cellId), encodeJson(failure));
}
