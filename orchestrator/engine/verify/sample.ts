/** A sample of cells. Pure: the same seed and cells give the same sample, and a larger one holds the smaller. */
import { sha256 } from '@ncsweep/protocol/canonical';

/** @returns at most `count` of the cells, all equally likely, in their given order */
export function sampleCells<T extends { readonly cellId: string }>(cells: readonly T[], count: number, seed: number): T[] {
  const lot = new Map(cells.map(({ cellId }) => [cellId, sha256(`verify ${seed}\n${cellId}`)]));
  const drawn = [...lot].sort(([, a], [, b]) => (a < b ? -1 : 1)).slice(0, count);
  const chosen = new Set(drawn.map(([cellId]) => cellId));
  return cells.filter(({ cellId }) => chosen.has(cellId));
}
