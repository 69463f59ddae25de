/** How fast the trainings of a run go, from what their workers say while they run. */
import type { TaskRecord } from '@ncsweep/protocol/messages';
import type { Advance } from '../../planning/plan/estimate.ts';

interface Seen {
  readonly attemptId: string;
  readonly epoch: number;
  readonly atMs: number;
}

export class TrainingPace {
  /** First record with an epoch of the attempt at each cell. */
  readonly #first = new Map<string, Seen>();
  readonly #advances = new Map<string, Advance>();

  see(record: TaskRecord): void {
    if (record.kind !== 'progress' || record.epoch === undefined) return;
    const { cellId, attemptId, epoch, atMs } = record;
    const first = this.#first.get(cellId);
    if (first?.attemptId !== attemptId) {
      // The first epoch has the time in which kernels are compiled and data are read: what comes after it tells the pace.
      this.#first.set(cellId, { attemptId, epoch, atMs });
      this.#advances.delete(cellId);
    } else if (epoch > first.epoch)
      this.#advances.set(cellId, { fromEpoch: first.epoch, toEpoch: epoch, seconds: (atMs - first.atMs) / 1000 });
  }

  /** Of cells that are being trained, and of those that were. */
  get advances(): ReadonlyMap<string, Advance> {
    return this.#advances;
  }
}
