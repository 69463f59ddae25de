/** Tables for a paper: booktabs, mean with its interval beside it. */
import type { CurvePoint } from '../aggregate/curve.ts';
import { formatNumber } from '../aggregate/format.ts';
import { replicates, type ResultTable } from '../aggregate/result-table.ts';

const escapes: Readonly<Record<string, string>> = { '°': '$^\\circ$', '−': '$-$', '×': '$\\times$', '∞': '$\\infty$', '–': '--' };
export const escapeLatex = (text: string): string =>
  text.replace(/[&%$#_{}]/g, (c) => `\\${c}`).replace(/[°−×∞–]/g, (c) => escapes[c] ?? c);

function cell(point: CurvePoint | undefined): string {
  if (point === undefined) return '--';
  const { mean, bounds } = point.interval;
  const range =
    bounds === undefined
      ? ''
      : ` {\\scriptsize [${bounds
          .map((b) => formatNumber(b, 2))
          .map(escapeLatex)
          .join(', ')}]}`;
  return `${escapeLatex(formatNumber(mean))}${range}`;
}

/** Which interval stands in the brackets, and of which numbers: a table must be understood away from its report. */
function intervalText({ rows, hasShares }: ResultTable, confidence: number): string {
  const hasRatios = rows.some(({ cells }) => cells.some((point) => point?.interval.scale === 'log'));
  const ratios = hasRatios ? '; of ratios geometric mean and t interval of the logarithm' : '';
  const shares = hasShares ? '; of shares t interval of $\\arcsin\\sqrt{x}$' : '';
  return `${100 * confidence}\\,\\% t interval in brackets${ratios}${shares}`;
}

/** @param id of the sweep, place and table, so that it is unique in a paper with tables of several sweeps */
export function latexTable(table: ResultTable, id: string, place: string, confidence: number): string {
  const lines = table.rows.map((r) => `${escapeLatex(r.label)} & ${r.cells.map(cell).join(' & ')} \\\\`);
  const interval = `mean over $n = ${escapeLatex(replicates(table))}$ independently trained models, ${intervalText(table, confidence)}`;
  return [
    `% ${escapeLatex(place)}`,
    '% Needs \\usepackage{booktabs} in the preamble. Include with \\input; refer to it as below:',
    `% Table~\\ref{tab:${id}}`,
    '\\begin{table}',
    '\\centering',
    `\\caption{${escapeLatex(`${table.title} (${place})`)}: ${interval}.}`,
    `\\label{tab:${id}}`,
    `\\begin{tabular}{l${'r'.repeat(table.columns.length)}}`,
    '\\toprule',
    ` & ${table.columns.map(escapeLatex).join(' & ')} \\\\`,
    '\\midrule',
    ...lines,
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}
