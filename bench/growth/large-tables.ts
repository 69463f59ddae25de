/** Tables of any size for the report: one seed's, made by formula, again for every seed with its own ids and slightly other numbers. */
import { sha256 } from '@ncsweep/protocol/canonical';
import type { Sweep } from '@ncsweep/catalog/sweep';
import type { CellRow, MatrixRow, TrialRow } from '@ncsweep/protocol/tables';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { syntheticTables } from '@ncsweep/report/testing/synthetic-tables';

export function largeTables(sweep: Sweep): SweepTables {
  const one = syntheticTables({ ...sweep, seeds: sweep.seeds.slice(0, 1) });
  const tables = { trials: [] as TrialRow[], matrices: [] as MatrixRow[], cells: [] as CellRow[] };
  for (const seed of sweep.seeds) {
    const own = (id: string): string => sha256(`${seed} ${id}`).slice(0, id.length);
    const ids = new Map(
      [...one.cells.map(({ cellId }) => cellId), ...one.trials.map(({ trialId }) => trialId)].map((id) => [id, own(id)]),
    );
    for (const trial of one.trials) {
      const { nc1 = 1 } = trial.metrics;
      const metrics = { ...trial.metrics, nc1: nc1 * (1 + 0.1 * Math.sin(seed)) };
      tables.trials.push({ ...trial, seed, trialId: ids.get(trial.trialId)!, cellId: ids.get(trial.cellId)!, metrics });
    }
    for (const entry of one.matrices) tables.matrices.push({ ...entry, trialId: ids.get(entry.trialId)! });
    for (const cell of one.cells)
      tables.cells.push({ ...cell, cellId: ids.get(cell.cellId)!, inputs: cell.inputs.map((id) => ids.get(id)!) });
  }
  return { sweep, planDigest: one.planDigest, ...tables };
}
