/** How fast the trainings of a run progress, from what their workers report. */
import type { TaskRecord } from '@ncsweep/protocol/messages';
import type { Advance } from '../../planning/plan/estimate.ts';

interface Seen {
  readonly attemptId: string;
  readonly epoch: number;
  readonly atMs: number;
}

export class TrainingPace {
  /** For each cell, the first record of its attempt that has an epoch. */
  readonly #first = new Map<string, Seen>();
  readonly #advances = new Map<string, Advance>();

  see(record: TaskRecord): void {
    if (record.kind !== 'progress' || record.epoch === undefined) return;
    const { cellId, attemptId, epoch, atMs } = record;
    const first = this.#first.get(cellId);
    if (first?.attemptId !== attemptId) {
      // The first epoch includes compiling kernels and reading data, so only what follows it shows the pace.
      this.#first.set(cellId, { attemptId, epoch, atMs });
      this.#advances.delete(cellId);
    } else if (epoch > first.epoch)
      this.#advances.set(cellId, { fromEpoch: first.epoch, toEpoch: epoch, seconds: (atMs - first.atMs) / 1000 });
  }

  /** The advances of cells that are being, or were, trained. */
  get advances(): ReadonlyMap<string, Advance> {
    return this.#advances;
  }
}
