/** Exit codes of the CLI (docs/contracts.md "Exit codes"). */
import { InvalidInputError, NotFoundError, UnreachableError } from '@ncsweep/protocol/errors';
import { StoreUnavailableError } from '@ncsweep/protocol/store/object-store';

export const exitCodes = {
  ok: 0,
  error: 1,
  invalidInput: 2,
  finishedWithFailures: 3,
  notFound: 4,
  unreachable: 5,
  timedOut: 124,
  interrupted: 130,
} as const;

export function exitCodeOf(error: unknown): number {
  if (error instanceof InvalidInputError) return exitCodes.invalidInput;
  if (error instanceof NotFoundError) return exitCodes.notFound;
  if (error instanceof UnreachableError || error instanceof StoreUnavailableError) return exitCodes.unreachable;
  return exitCodes.error;
}
