/** results.csv (one line per trial) and matrices.csv (one line per entry), in the tables' own order. */
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { csv } from './csv.ts';
import { scienceColumns } from './science-columns.ts';

export function resultsCsv(tables: SweepTables): Uint8Array {
  const columns = scienceColumns(tables);
  const names = columns.map(({ name }) => name);
  return csv(names, tables.trials, (trial) => columns.map((column) => column.of(trial)));
}

export const matricesCsv = ({ matrices }: SweepTables): Uint8Array =>
  csv(['trialId', 'metric', 'row', 'col', 'value'], matrices, (m) => [m.trialId, m.metric, m.row, m.col, m.value]);
