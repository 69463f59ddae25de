/** Decides what an attempt's error means: give back, retry, park, or stop. Pure. */
import { CorruptObjectError } from '@ncsweep/protocol/store/object-store';
import type { FailureClass } from '@ncsweep/protocol/result';
import { classifyError } from './classify-failure.ts';
import { AttemptExpiredError } from './commit.ts';
import { TaskFailure } from './task-io.ts';

export interface AttemptFacts {
  /** The error that ended the task. */
  readonly error: Error;
  /** The store's first error during the attempt. */
  readonly trouble: Error | undefined;
  /** The worker is being stopped. */
  readonly stopping: boolean;
  /** The deadline passed, and the compute process was killed. */
  readonly timedOut: boolean;
  readonly deadlineMs: number;
  readonly currentCell: string;
}

export interface AttemptVerdict {
  readonly outcome: 'given-back' | 'failed' | 'stuck';
  readonly class: FailureClass;
  readonly cellId: string;
  readonly message: string;
  readonly atStep?: number;
}

export function judgeAttempt(facts: AttemptFacts): AttemptVerdict {
  const { error, trouble, currentCell } = facts;
  if (trouble instanceof CorruptObjectError) {
    return { outcome: 'stuck', class: 'infrastructure', cellId: currentCell, message: trouble.message };
  }
  if (facts.stopping || (!facts.timedOut && error instanceof TaskFailure && error.failureClass === 'disruption')) {
    return { outcome: 'given-back', class: 'disruption', cellId: currentCell, message: 'the worker was stopped' };
  }
  if (facts.timedOut) {
    const message = `the attempt did not finish within ${facts.deadlineMs / 1000} s`;
    return { outcome: 'failed', class: 'timeout', cellId: currentCell, message };
  }
  if (trouble instanceof AttemptExpiredError) {
    return { outcome: 'failed', class: 'infrastructure', cellId: currentCell, message: trouble.message };
  }
  if (!(error instanceof TaskFailure)) {
    return { outcome: 'failed', class: classifyError(error), cellId: currentCell, message: error.message };
  }
  const { failureClass, cellId, message, atStep } = error;
  return { outcome: 'failed', class: failureClass, cellId, message, ...(atStep === undefined ? {} : { atStep }) };
}
