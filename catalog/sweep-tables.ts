/** All that the results of a sweep say: what ingest gathers from committed results and the report reads. */
import type { CellRow, MatrixRow, TrialRow } from '@ncsweep/protocol/tables';
import type { Sweep } from './sweep.ts';

export interface SweepTables {
  readonly sweep: Sweep;
  /** sha256 over the sorted cell ids wanted. */
  readonly planDigest: string;
  /** Sorted by the science columns, so that files made from them are deterministic. */
  readonly trials: readonly TrialRow[];
  readonly matrices: readonly MatrixRow[];
  readonly cells: readonly CellRow[];
}
