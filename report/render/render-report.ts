/** All files of a report, made from tables alone: they depend on no clock, randomness or machine. */
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { resultTables } from '../aggregate/result-table.ts';
import type { Verdicts } from '../aggregate/verdict.ts';
import { latexTable } from '../files/latex.ts';
import { tableFiles } from '../files/table-files.ts';
import { drawSections, figuresOf, type DrawnSection } from './drawn-sections.ts';
import { figureCsv, figureSvg } from './figure-file.ts';
import { fileName } from './file-name.ts';
import { page } from './page.ts';
import { reportMarkdown } from './report-markdown.ts';
import { placeOf, nameOf, viewOf, type View } from './view.ts';

export type ReportFiles = ReadonlyMap<string, string | Uint8Array>;

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

const figureFiles = (sections: readonly DrawnSection[]): readonly (readonly [string, string | Uint8Array])[] =>
  figuresOf(sections).flatMap((figure) => [
    [`figures/${figure.name}.svg`, figureSvg(figure)] as const,
    [`figures/${figure.name}.csv`, figureCsv(figure)] as const,
  ]);

/** Relative file name → content. */
export function renderReport(tables: SweepTables, verdicts: Verdicts): ReportFiles {
  const view = viewOf(tables, verdicts);
  const sections = drawSections(view);
  return new Map<string, string | Uint8Array>([
    ['index.html', page(view, sections)],
    ['report.md', reportMarkdown(view)],
    ...tableFiles(tables),
    ...latexFiles(view),
    ...figureFiles(sections),
  ]);
}
