/** data-dictionary.md: what every column and every matrix of the report's files means. */
import { attackOf } from '@ncsweep/catalog/attacks';
import type { MetricEntry } from '@ncsweep/catalog/metrics/metric';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { pluggedEntries } from '@ncsweep/catalog/plugins/plugged-metric';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { evaluationColumns } from './evaluations.ts';
import { dictionary, scienceColumns } from './science-columns.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

function metricRow(name: string, entry: MetricEntry): string {
  const range = `[${entry.range.map(String).join(', ').replace('Infinity', '∞')}]`;
  const source = { code: "the paper's code", lit: 'literature', ours: 'ours', 'plug-in': 'plug-in' }[entry.source.kind];
  const collapse = entry.atCollapse === null ? '' : String(entry.atCollapse);
  return row(name, entry.label, entry.formula, entry.unit, range, collapse, `${source}: ${entry.source.reference}`);
}

/** E.g. "294 fresh". */
function timings({ cells }: SweepTables): string {
  const found = cells.flatMap(({ attackTiming }) => attackTiming ?? []);
  const byTiming = Map.groupBy(found, (timing) => timing);
  return [...byTiming].map(([timing, { length }]) => `${length} ${timing}`).join(', ') || 'none yet';
}

/** One line per attack of the sweep, with the norm of its budget. */
function attackLines(sweep: Sweep): string[] {
  const attacks = new Map(sweep.grids.flatMap((g) => g.attacks).map(({ name, params }) => [name, params]));
  return [...attacks].map(([name, params]) => {
    const part = attackOf(params);
    const norm = 'norm' in part.fields ? `, ${{ linf: 'Linf', l2: 'L2' }[part.normOf(params)]}` : '';
    return `- \`${name}\`: ${part.name}${norm}; ${part.summary}`;
  });
}

export function dataDictionary(tables: SweepTables): string {
  const columns = scienceColumns(tables);
  const metricHeader = [
    row('name', 'label', 'formula', 'unit', 'range', 'at collapse', 'source'),
    row(...Array<string>(7).fill('---')),
  ];
  const entries = [...Object.entries(dictionary), ...pluggedEntries(tables.sweep.metrics)];
  const matrices = entries.filter(([, e]) => e.shape !== 'scalar');
  return [
    `# Data dictionary of ${tables.sweep.name}`,
    '',
    'h(x) features, mu_c class means, mu_G their unweighted mean, M = [mu_c − mu_G], W classifier weights, N samples,',
    'Sigma_W = (1/N) Σ (h−mu_y)(h−mu_y)ᵀ, Sigma_B = M Mᵀ / K; a prime marks the clean data of the same network and split.',
    '',
    '## results.csv and results.parquet: one line per trial',
    '',
    row('column', 'type', 'meaning'),
    row('---', '---', '---'),
    ...columns.map((c) => row(c.name, c.kind, c.meaning)),
    '',
    '## evaluations.parquet: one line per evaluation, and one per clean point of each curve',
    '',
    "A curve is one selection: `SELECT epsilonValue, avg(accuracy) FROM 'evaluations.parquet' WHERE attack = 'pgd10' GROUP BY 1`. Of results.parquet",
    "it is `WHERE attack IN ('pgd10', 'none')`.",
    '',
    row('column', 'type', 'meaning'),
    row('---', '---', '---'),
    ...evaluationColumns.map((c) => row(c.name, c.kind, c.meaning)),
    '',
    '## Attacks',
    '',
    'x is an image, eps the budget, N(0,I) independent normal numbers; every result is clipped to [0,1].',
    '',
    ...attackLines(tables.sweep),
    '',
    'Attacks are made against some weights: the very ones that are evaluated (`fresh`), or those of slightly earlier steps, as the batches of',
    `adversarial training are (\`in-training\`). Perturbed evaluations in these files: ${timings(tables)}.`,
    'provenance.json says it of each cell (`attackTiming`).',
    '',
    '## Metrics',
    '',
    ...metricHeader,
    ...entries.map(([name, entry]) => metricRow(name, entry)),
    '',
    '## matrices.csv: trialId, metric, row, col, value',
    '',
    'Per-class vectors have col = 0; row and col count classes from 0.',
    '',
    ...matrices.map(
      ([name, entry]) =>
        `- \`${name}\`: ${entry.shape === 'classes×classes' ? 'classes × classes' : 'one per class'}; ${entry.formula}`,
    ),
    '',
  ].join('\n');
}
