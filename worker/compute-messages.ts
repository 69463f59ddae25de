/** Messages between a supervisor and its compute process. Both run the same build, so messages are typed, not decoded. */
import type { Task } from '@ncsweep/protocol/messages';
import type { FailureClass } from '@ncsweep/protocol/result';
import type { ComputeFacts } from './store-task-io.ts';
import type { CellOutcome, Checkpoint, Progress } from './task-io.ts';

/** The calls of TaskIo that need an answer. */
export interface IoCalls {
  isSettled: { args: [cellId: string]; value: boolean };
  readArtifact: { args: [cellId: string, name: string]; value: Uint8Array };
  sourcePath: { args: [digest: string]; value: string };
  latestCheckpoint: { args: [cellId: string]; value: Checkpoint | undefined };
  saveCheckpoint: { args: [cellId: string, checkpoint: Checkpoint]; value: undefined };
  commit: { args: [cellId: string, outcome: CellOutcome]; value: undefined };
}

export type IoCall = { [Method in keyof IoCalls]: { method: Method; args: IoCalls[Method]['args'] } }[keyof IoCalls];

/** An error as it crosses the channel. */
export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Set for a TaskFailure. */
  readonly failure?: { readonly failureClass: FailureClass; readonly cellId: string; readonly atStep?: number };
}

export type FromCompute =
  | { kind: 'ready'; facts: ComputeFacts }
  | { kind: 'unusable'; error: PlainError }
  | { kind: 'call'; id: number; call: IoCall }
  | { kind: 'progress'; cellId: string; progress: Progress }
  | { kind: 'log'; cellId: string; level: 'info' | 'warn'; text: string }
  | { kind: 'done' }
  | { kind: 'failed'; error: PlainError };

export type ToCompute =
  | { kind: 'run'; task: Task }
  | { kind: 'abort' }
  | { kind: 'answer'; id: number; value: unknown }
  | { kind: 'refusal'; id: number; error: PlainError };
