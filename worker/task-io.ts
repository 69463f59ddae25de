/**
 * What running a task needs from outside. The supervisor process implements it over the store and the stream, tests in memory.
 * run-task.ts is the only caller.
 */
import type { AttackTiming, FailureClass } from '@ncsweep/protocol/result';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

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
  readonly epoch?: number;
  readonly epochs?: number;
  readonly step?: number;
  readonly values: Readonly<Record<string, number>>;
}

export interface TaskIo {
  /** True when the cell can be skipped: it has a committed result with current inputs, or is parked. */
  isSettled(cellId: string): Promise<boolean>;
  /** A verified artifact of a committed result. @throws TaskFailure infrastructure when it is missing */
  readArtifact(cellId: string, name: string): Promise<Uint8Array>;
  /** Local folder or file of a dataset or of imported weights. @throws TaskFailure badData when it is unknown here */
  sourcePath(digest: string): Promise<string>;
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
