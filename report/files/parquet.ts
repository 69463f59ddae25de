/** results.parquet: the columns of results.csv with their types, empty where a metric does not apply. */
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { scienceColumns, type Column } from './science-columns.ts';

const types = { text: 'STRING', integer: 'INT32', number: 'DOUBLE' } as const satisfies Record<Column['kind'], string>;

/** Trials that are written, and held column by column, at once. */
const rowGroupSize = 50_000;

export function resultsParquet(tables: SweepTables): Uint8Array {
  const columns = scienceColumns(tables);
  const described = columns.map(({ name, kind }) => ({ name, type: types[kind], nullable: kind === 'number', data: [] }));
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: described }) });
  for (let start = 0; start < tables.trials.length; start += rowGroupSize) {
    const trials = tables.trials.slice(start, start + rowGroupSize);
    const columnData = columns.map(({ name, of }) => ({ name, data: trials.map((trial) => of(trial) ?? null) }));
    void file.write({ columnData, rowGroupSize }); // at once: into memory
  }
  void file.finish();
  return new Uint8Array(writer.getBuffer());
}
