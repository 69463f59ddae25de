/** All files of a report, made from tables alone: they depend on no clock, randomness or machine. */
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { resultTables } from '../aggregate/result-table.ts';
import type { Verdicts } from '../aggregate/verdict.ts';
import { latexTable } from '../files/latex.ts';
import { tableFiles } from '../files/table-files.ts';
import { page } from './page.ts';
import { reportMarkdown } from './report-markdown.ts';
import { placeOf, nameOf, viewOf, type View } from './view.ts';

export type ReportFiles = ReadonlyMap<string, string | Uint8Array>;

const fileName = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, '-').toLowerCase();

function latexFiles(view: View): readonly (readonly [string, string])[] {
  const { settings } = view.verdicts;
  const { name, report } = view.tables.sweep;
  return settings.flatMap((s) => {
    const place = nameOf(view, s.stratum);
    const prefix = settings.length === 1 ? '' : `${fileName(place)}-`;
    return resultTables(placeOf(view, s), placeOf(view, s, 'test')).map((table) => {
      const id = `${name}:${prefix}${table.id}`;
      return [`tables/${prefix}${table.id}.tex`, latexTable(table, id, place, report.confidence)] as const;
    });
  });
}

/** Relative file name → content. */
export function renderReport(tables: SweepTables, verdicts: Verdicts): ReportFiles {
  const view = viewOf(tables, verdicts);
  return new Map<string, string | Uint8Array>([
    ['index.html', page(view)],
    ['report.md', reportMarkdown(view)],
    ...tableFiles(tables),
    ...latexFiles(view),
  ]);
}
