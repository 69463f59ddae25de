/** The files that hold only numbers, without text or pictures. Relative file name → content. */
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { dataDictionary } from './data-dictionary.ts';
import { evaluationsParquet, resultsParquet } from './parquet.ts';
import { provenanceJson } from './provenance.ts';
import { matricesCsv, resultsCsv } from './tables-csv.ts';

export const tableFiles = (tables: SweepTables): ReadonlyMap<string, string | Uint8Array> =>
  new Map<string, string | Uint8Array>([
    ['results.csv', resultsCsv(tables)],
    ['matrices.csv', matricesCsv(tables)],
    ['data-dictionary.md', dataDictionary(tables)],
    ['results.parquet', resultsParquet(tables)],
    ['evaluations.parquet', evaluationsParquet(tables)],
    ['provenance.json', provenanceJson(tables)],
  ]);
