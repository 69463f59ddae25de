/** Tables with typed columns, empty where a number does not apply. */
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { TrialRow } from '@ncsweep/protocol/tables';
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { evaluationColumns, evaluationRows } from './evaluations.ts';
import { scienceColumns, type Column } from './science-columns.ts';

const types = { text: 'STRING', integer: 'INT32', number: 'DOUBLE' } as const satisfies Record<Column['kind'], string>;

/** Number of rows that are held column by column and written at once. */
const rowGroupSize = 50_000;

function parquet<Row extends TrialRow>(columns: readonly Column<Row>[], rows: readonly Row[]): Uint8Array {
  const described = columns.map(({ name, kind }) => ({ name, type: types[kind], nullable: kind === 'number', data: [] }));
  const writer = new ByteWriter();
  const file = new ParquetWriter({ writer, schema: schemaFromColumnData({ columnData: described }) });
  for (let start = 0; start < rows.length; start += rowGroupSize) {
    const some = rows.slice(start, start + rowGroupSize);
    const columnData = columns.map(({ name, of }) => ({ name, data: some.map((row) => of(row) ?? null) }));
    void file.write({ columnData, rowGroupSize }); // completes immediately, because it writes into memory
  }
  void file.finish();
  return new Uint8Array(writer.getBuffer());
}

/** The columns of results.csv, one row per trial. */
export const resultsParquet = (tables: SweepTables): Uint8Array => parquet(scienceColumns(tables), tables.trials);

/** One row per evaluation, plus clean points under each attack. */
export const evaluationsParquet = (tables: SweepTables): Uint8Array => parquet(evaluationColumns, evaluationRows(tables));
