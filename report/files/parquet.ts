/** results.parquet: the columns of results.csv with their types, empty where a metric does not apply. */
import type { SweepTables } from '@ncsweep/protocol/tables';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { scienceColumns, type Column } from './science-columns.ts';

const types = { text: 'STRING', integer: 'INT32', number: 'DOUBLE' } as const satisfies Record<Column['kind'], string>;

export function resultsParquet(tables: SweepTables): Uint8Array {
  const columnData = scienceColumns(tables).map((column) => ({
    name: column.name,
    type: types[column.kind],
    data: tables.trials.map((trial) => column.of(trial) ?? null),
    nullable: column.kind === 'number',
  }));
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
