/** An attempt that was lost with its pod: the orchestrator writes its end, since the worker could not. */
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { Task } from '@ncsweep/protocol/messages';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { FailureClass } from '@ncsweep/protocol/result';
import { budgetSpent, failedAttempts, openAttempt, park, type Retries } from '@ncsweep/protocol/store/parking';

/** How a pod ended without ending its attempt. */
export interface PodEnd {
  readonly podUid: string;
  readonly class: FailureClass;
  readonly message: string;
}

export interface LostAttempt {
  readonly taskId: string;
  readonly cellId: string;
  /** Number of attempts at the cell that failed in the same class. */
  readonly failed: number;
  readonly parked: boolean;
}

/**
 * @param tasks that the pod may have been working on
 * @returns undefined when the pod left no attempt open
 * @throws StoreUnavailableError
 */
export async function endLostAttempt(
  store: ObjectStore,
  tasks: Iterable<Task>,
  end: PodEnd,
  { retries, nowMs }: { readonly retries: Retries; readonly nowMs: number },
): Promise<LostAttempt | undefined> {
  for (const { taskId, cells } of tasks)
    for (const { cellId } of cells) {
      const attemptId = await openAttempt(store, cellId, end.podUid);
      if (attemptId === undefined) continue;
      const { class: failureClass, message } = end;
      await store.putIfAbsent(keys.end(cellId, attemptId), encodeJson({ v: 1, outcome: 'failed', class: failureClass, message }));
      const attempts = await failedAttempts(store, cellId);
      const failed = attempts[failureClass] ?? 1;
      const parked = budgetSpent(failureClass, failed, retries);
      const logTail = 'The pod ended before it could write its log here: see `kubectl logs`.';
      if (parked) await park(store, { v: 1, cellId, attemptId, class: failureClass, message, attempts, logTail, atMs: nowMs });
      return { taskId, cellId, failed, parked };
    }
  return undefined;
}
