/** Every error that this library throws deliberately. Each has its own class, and its message names the remedy. */
export { InvalidSweepError, type PlacedProblem as SweepProblem } from '@ncsweep/orchestrator/planning/spec/problem';
export { StoreLockedError } from '@ncsweep/orchestrator/engine/local/store-lock';
export { WorkersFailedError } from '@ncsweep/orchestrator/engine/local/run-local';
export { InvalidInputError, NotFoundError, UnreachableError } from '@ncsweep/protocol/errors';
export { CorruptObjectError, NewerStoreError, StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
