/** The failure class of an end without a TaskFailure. */
import type { FailureClass } from '@ncsweep/protocol/result';

/** How a compute process ended by itself. */
export interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The process's last lines of output. */
  readonly output: string;
  /** The kernel's out-of-memory killer ran in the meantime. */
  readonly oomKillerRan: boolean;
}

const memoryMessage =
  /out of memory|heap limit|allocation failed|could not allocate|invalid (?:typed )?array (?:buffer )?length|cannot enlarge memory|OOM/i;

/** An error other than TaskFailure that run-task threw: a bug, or lack of memory. */
export function classifyError(error: { readonly name: string; readonly message: string }): 'outOfMemory' | 'unknown' {
  return memoryMessage.test(error.message) ? 'outOfMemory' : 'unknown';
}

export function classifyProcessEnd({ signal, output, oomKillerRan }: ProcessEnd): FailureClass {
  if (memoryMessage.test(output)) return 'outOfMemory';
  return signal === 'SIGKILL' && oomKillerRan ? 'outOfMemory' : 'unknown';
}

export function describeProcessEnd({ exitCode, signal }: ProcessEnd): string {
  return signal === null ? `the compute process ended with code ${exitCode}` : `the compute process was killed by ${signal}`;
}
