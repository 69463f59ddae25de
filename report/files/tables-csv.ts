/** results.csv (a line a trial) and matrices.csv (a line an entry), in the tables' own order. */
import type { SweepTables } from '@ncsweep/protocol/tables';
import { csv } from './csv.ts';
import { scienceColumns } from './science-columns.ts';

export function resultsCsv(tables: SweepTables): string {
  const columns = scienceColumns(tables);
  return csv(
    columns.map((c) => c.name),
    tables.trials.map((trial) => columns.map((c) => c.of(trial))),
  );
}

export const matricesCsv = ({ matrices }: SweepTables): string =>
  csv(
    ['trialId', 'metric', 'row', 'col', 'value'],
    matrices.map((m) => [m.trialId, m.metric, m.row, m.col, m.value]),
  );
