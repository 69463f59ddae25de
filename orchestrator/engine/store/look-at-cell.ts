/** Updates a run's knowledge of one cell from the store. */
import { keys } from '@ncsweep/protocol/keys';
import { cellFailure, cellResult } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { RunState } from '../state/run-state.ts';
import { readStored } from './stored-json.ts';

export async function lookAtCell(store: ObjectStore, cellId: string, state: RunState): Promise<void> {
  const result = await readStored(store, keys.result(cellId), cellResult);
  if (result) state.commit(cellId, result.value.times);
  const failure = await readStored(store, keys.failure(cellId), cellFailure);
  if (failure) state.park(cellId, failure.value.class, failure.value.message);
}
