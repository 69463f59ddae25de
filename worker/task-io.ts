/**
 * What running a task needs from outside: the supervisor process implements it over the store and the stream, tests in memory.
 * run-task.ts is the only caller.
 */
import type { AttackTiming, FailureClass } from '@ncsweep/protocol/result';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface CellOutcome {
  readonly artifacts: readonly NamedBytes[];
  /** Equal for every execution of the cell on one backend and thread count: the base of duplicate detection. */
  readonly scalars: Readonly<Record<string, number>>;
  /** Of a perturbed evaluation. */
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
  /** True when the cell has a committed result with current inputs (or is parked): it is skipped. */
  isSettled(cellId: string): Promise<boolean>;
  /** An artifact of a committed result, verified. @throws TaskFailure infrastructure when it is not there */
  readArtifact(cellId: string, name: string): Promise<Uint8Array>;
  /** Local folder or file of a dataset or imported weights. @throws TaskFailure badData when it is unknown here */
  sourcePath(digest: string): Promise<string>;
  /** The highest verified checkpoint written on the way to this snapshot cell. */
  latestCheckpoint(cellId: string): Promise<Checkpoint | undefined>;
  saveCheckpoint(cellId: string, checkpoint: Checkpoint): Promise<void>;
  /** Resolves when the outcome is taken over: it is committed, or on its way. Throws when an earlier one could not be. */
  commit(cellId: string, outcome: CellOutcome): Promise<void>;
  progress(cellId: string, progress: Progress): void;
  log(cellId: string, level: 'info' | 'warn', text: string): void;
  /** Clock, ms since epoch: paces checkpoints and progress only. */
  now(): number;
  /** Aborted when the task must be given back: run-task checkpoints and throws TaskFailure disruption. */
  readonly signal: AbortSignal;
}

/** Thrown when a cell cannot be finished; the class decides about retry and parking (docs/contracts.md "Failure classes"). */
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
