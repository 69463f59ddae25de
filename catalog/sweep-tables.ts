/** All results of a sweep, as ingest gathers them from committed results for the report. */
import type { CellRow, MatrixRow, TrialRow } from '@ncsweep/protocol/tables';
import type { Sweep } from './sweep.ts';

export interface SweepTables {
  readonly sweep: Sweep;
  /** sha256 over the sorted ids of the wanted cells. */
  readonly planDigest: string;
  /** Sorted by the science columns, so that files made from them are deterministic. */
  readonly trials: readonly TrialRow[];
  readonly matrices: readonly MatrixRow[];
  readonly cells: readonly CellRow[];
}
