/** What a run reports while it is running; `ncsweep run --json` prints one event per line (docs/run.md). */
import type { TaskRecord } from '@ncsweep/protocol/messages';
import type { BackendName } from '@ncsweep/catalog/backends';
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { Counts } from '../state/run-state.ts';

export interface RunSummary {
  readonly counts: Counts;
  /** Cell id → class and message. */
  readonly parked: ReadonlyMap<string, string>;
  /** Cells whose inputs in the store are damaged → what is damaged. */
  readonly stuck: ReadonlyMap<string, string>;
  readonly interrupted: boolean;
  readonly elapsedMs: number;
}

export type RunEvent =
  | {
      readonly kind: 'started';
      readonly sweep: string;
      readonly backend: BackendName;
      readonly workers: number;
      readonly counts: Counts;
    }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'progress'; readonly counts: Counts; readonly etaSeconds: number | undefined }
  | { readonly kind: 'record'; readonly worker: string; readonly record: TaskRecord }
  /** Records that did not arrive, reported just before the attempt's next one. */
  | { readonly kind: 'records-lost'; readonly worker: string; readonly attemptId: string; readonly count: number }
  | { readonly kind: 'stream'; readonly worker: string; readonly event: StreamEvent }
  | { readonly kind: 'worker-ended'; readonly worker: string; readonly exitCode: number | null; readonly signal: string | null };
