/** Cells that are planned together. */
import type { EvaluateCell, SnapshotCell } from '@ncsweep/catalog/cell';
import type { Lineage } from '@ncsweep/catalog/params';

/** All wanted snapshots of one training, by ascending epoch. */
export interface TrainingGroup {
  readonly lineage: Lineage;
  readonly cells: readonly SnapshotCell[];
}

/** The wanted epsilons, ascending, of one attack on one snapshot and split: one task. The clean cell forms its own group. */
export interface EvaluationGroup {
  readonly lineage: Lineage;
  readonly snapshot: SnapshotCell;
  readonly cells: readonly EvaluateCell[];
}
