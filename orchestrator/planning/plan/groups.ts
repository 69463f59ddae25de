/** Cells that are planned together. */
import type { EvaluateCell, SnapshotCell } from '@ncsweep/catalog/cell';
import type { Lineage } from '@ncsweep/catalog/params';

/** All wanted snapshots of one training, by ascending epoch. */
export interface TrainingGroup {
  readonly lineage: Lineage;
  readonly cells: readonly SnapshotCell[];
}

/** Wanted epsilons, ascending, of one attack on one snapshot and split: one task. The clean cell is a group of its own. */
export interface EvaluationGroup {
  readonly lineage: Lineage;
  readonly snapshot: SnapshotCell;
  readonly cells: readonly EvaluateCell[];
}
