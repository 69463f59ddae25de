import type { PlainError } from './compute-messages.ts';
import { TaskFailure } from './task-io.ts';

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const plain = { name: error.name, message: error.message, ...(error.stack === undefined ? {} : { stack: error.stack }) };
  if (!(error instanceof TaskFailure)) return plain;
  const { failureClass, cellId, atStep } = error;
  return { ...plain, failure: { failureClass, cellId, ...(atStep === undefined ? {} : { atStep }) } };
}

/** A TaskFailure stays one; any other error keeps its name, message and stack. */
export function fromPlainError({ name, message, stack, failure }: PlainError): Error {
  if (failure) {
    const { failureClass, cellId, atStep } = failure;
    return new TaskFailure(failureClass, cellId, message, atStep === undefined ? {} : { atStep });
  }
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
