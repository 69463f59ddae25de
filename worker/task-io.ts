/**
 * What running a task needs from outside. The supervisor process implements it over the store and the stream, tests in memory.
 * run-task.ts is the only caller.
 */
import type { NamedBytes } from '@ncsweep/protocol/compute/link';
import type { AttackTiming, FailureClass } from '@ncsweep/protocol/result';

export interface CellOutcome {
  readonly artifacts: readonly NamedBytes[];
  /** Equal for every execution of the cell on one backend and thread count; duplicate detection relies on this. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Set for a perturbed evaluation. */
  readonly attackTiming?: AttackTiming;
  readonly computeMs: number;
}

export interface Checkpoint {
  readonly step: number;
  readonly parts: readonly NamedBytes[];
}

export interface Progress {
  readonly epoch?: number | undefined;
  readonly epochs?: number | undefined;
  readonly step?: number | undefined;
  readonly values: Readonly<Record<string, number>>;
}

export interface TaskIo {
  /** True when the cell can be skipped: it has a committed result with current inputs, or is parked. */
  isSettled(cellId: string): Promise<boolean>;
  /** A verified artifact of a committed result. @throws TaskFailure infrastructure when it is missing */
  readArtifact(cellId: string, name: string): Promise<Uint8Array>;
  /** The highest verified checkpoint written on the way to this snapshot cell. */
  latestCheckpoint(cellId: string): Promise<Checkpoint | undefined>;
  saveCheckpoint(cellId: string, checkpoint: Checkpoint): Promise<void>;
  /** Resolves when the outcome has been accepted: it is committed or being committed. Throws when an earlier commit failed. */
  commit(cellId: string, outcome: CellOutcome): Promise<void>;
  progress(cellId: string, progress: Progress): void;
  log(cellId: string, level: 'info' | 'warn', text: string): void;
  /** Clock, ms since epoch; used only to pace checkpoints and progress. */
  now(): number;
  /** Aborted when the task must be given back: run-task checkpoints and throws TaskFailure disruption. */
  readonly signal: AbortSignal;
}

/** Thrown for a task with something in it that this program does not know; nothing was computed, and another program will do it. */
export class RefusedTaskError extends Error {
  override readonly name = 'RefusedTaskError';
}

/** Thrown when a cell cannot be finished; the class decides between retry and parking (docs/contracts.md "Failure classes"). */
export class TaskFailure extends Error {
  override readonly name = 'TaskFailure';
  readonly failureClass: FailureClass;
  readonly cellId: string;
  readonly atStep: number | undefined;
  constructor(failureClass: FailureClass, cellId: string, message: string, options?: ErrorOptions & { atStep?: number }) {
    super(message, options);
    this.failureClass = failureClass;
    this.cellId = cellId;
    this.atStep = options?.atStep;
  }
}
