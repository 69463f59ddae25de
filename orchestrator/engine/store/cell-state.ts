import type { TrialState } from '@ncsweep/protocol/tables';
import type { StoreState } from './store-state.ts';

export interface CellState {
  readonly state: TrialState;
  /** The failure of a parked cell, or what a blocked cell waits for. */
  readonly reason?: string;
}

/** @param blocked the blocked cells for the same plan and store state */
export function cellState(cellId: string, store: StoreState, blocked: ReadonlyMap<string, string>): CellState {
  if (store.done.has(cellId)) return { state: 'done' };
  const parked = store.parked.get(cellId);
  if (parked !== undefined) return { state: 'parked', reason: parked };
  const cause = blocked.get(cellId);
  if (cause === undefined) return { state: 'missing' };
  return { state: 'blocked', reason: `waits for ${cause.slice(0, 16)}, parked with ${store.parked.get(cause) ?? ''}` };
}
