/** What readiness depends on besides the plan. All of it comes from the store, or is a hint that the store corrects. */
import type { Plan } from './plan.ts';

export interface PlanState {
  /** Cells with a committed result whose inputs are current. */
  readonly done: { has(cellId: string): boolean };
  /** Failure class and message by cell id. */
  readonly parked: ReadonlyMap<string, string>;
  /** Cells whose task is in the work queue. */
  readonly queued: ReadonlySet<string>;
}

/**
 * Cells that cannot run until a parked one is retried, each with the parked cell that it waits for. A training that stopped at one
 * snapshot cannot reach the later ones of its lineage, unless a committed snapshot lies between them.
 */
export function blockedCells(
  plan: Pick<Plan, 'trainings' | 'evaluations'>,
  { done, parked }: Pick<PlanState, 'done' | 'parked'>,
): ReadonlyMap<string, string> {
  const blocked = new Map<string, string>();
  if (parked.size === 0) return blocked;
  for (const { cells } of plan.trainings) {
    let stop: string | undefined;
    for (const { cellId } of cells) {
      if (done.has(cellId)) stop = undefined;
      else if (parked.has(cellId)) stop = cellId;
      else if (stop !== undefined) blocked.set(cellId, stop);
    }
  }
  for (const { cellId, inputs } of plan.evaluations.flatMap(({ cells }) => cells)) {
    if (done.has(cellId) || parked.has(cellId)) continue;
    const missing = inputs.filter((input) => !done.has(input));
    const stop = missing.map((input) => (parked.has(input) ? input : blocked.get(input))).find((id) => id !== undefined);
    if (stop !== undefined) blocked.set(cellId, stop);
  }
  return blocked;
}
