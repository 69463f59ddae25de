/** Tables and verdicts of a sweep, read from its store, and the files made from them. */
import path from 'node:path';
import { ingest, type IngestReading } from '@ncsweep/orchestrator/engine/ingest/ingest';
import { LineTables } from '@ncsweep/orchestrator/engine/ingest/line-tables';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import { judgeSweep, type Verdicts } from '@ncsweep/report/aggregate/verdict';
import { verdictLines as linesOf } from '@ncsweep/report/aggregate/verdict-lines';
import { findSweep, type FindOptions, type SweepReference } from './find-sweep.ts';
import { writeAtomically } from './output-folder.ts';

export interface SweepReport {
  /** `trials`: one row per trial, its metrics by name; `matrices`: by class; `cells`: what computed each cell. */
  readonly tables: SweepTables;
  /** By dataset, architecture and norm: each claim with its outcome, contrasts, controls and attack checks. */
  readonly verdicts: Verdicts;
}

export async function reportOf(plan: Plan, store: ObjectStore, reading: IngestReading = {}): Promise<SweepReport> {
  const tables = await ingest(plan.sweep, plan, store, reading);
  return { tables, verdicts: judgeSweep(tables) };
}

/**
 * Reads what the store holds of a sweep and judges its claims. Executes nothing. Trials without a result have rows, too.
 * @throws NotFoundError, InvalidInputError, StoreUnavailableError, UnreachableError; CorruptObjectError for a damaged result
 * @example
 * ```ts
 * import { readReport } from 'ncsweep';
 *
 * const { tables, verdicts } = await readReport('tiny');
 * for (const { training, epsilon, layer, metrics } of tables.trials) console.log(training, epsilon, layer, metrics['nc1']);
 * for (const { strata } of verdicts.sets)
 *   for (const { claim, outcome } of strata.flatMap((stratum) => stratum.verdicts)) console.log(claim.title, outcome);
 * ```
 */
export async function readReport(sweep: SweepReference, options: FindOptions = {}): Promise<SweepReport> {
  const { plan, store, uid } = await findSweep(sweep, options);
  const { signal } = options;
  return reportOf(plan, store, { tables: await LineTables.open(store, uid, signal), ...(signal && { signal }) });
}

/**
 * The verdicts as a terminal shows them.
 * @returns one line per claim
 * @example
 * ```ts
 * import { readReport, verdictLines } from 'ncsweep';
 *
 * const report = await readReport('tiny');
 * console.log([`${report.verdicts.sets.length} sets of claims`, ...verdictLines(report)].join('\n'));
 * ```
 */
export const verdictLines = ({ verdicts }: SweepReport): readonly string[] => linesOf(verdicts);

/**
 * Renders a report into a folder: `index.html`, `report.md`, figures as SVG with their numbers as CSV, `results.csv`, `results.parquet`,
 * LaTeX tables and provenance. Equal reports yield equal files.
 * @returns path of the page to open
 * @example
 * ```ts
 * import { readReport, writeReport } from 'ncsweep';
 *
 * console.log(await writeReport(await readReport('tiny'), 'out/tiny'));
 * ```
 */
export async function writeReport({ tables, verdicts }: SweepReport, folder: string): Promise<string> {
  const { renderReport } = await renderer();
  for (const [name, content] of renderReport(tables, verdicts)) await writeAtomically(path.join(folder, name), content);
  return path.join(folder, 'index.html');
}

/**
 * Writes the report of a sweep into its store, beside the results that it describes.
 * @throws as `readReport`
 * @example
 * ```ts
 * import { publishReport } from 'ncsweep';
 *
 * const { tables } = await publishReport('tiny', { store: '.ncsweep/store' });
 * console.log(tables.planDigest);
 * ```
 */
export async function publishReport(sweep: SweepReference, options: FindOptions = {}): Promise<SweepReport> {
  const { plan, store, uid } = await findSweep(sweep, options, 'write');
  const { signal } = options;
  const lines = await LineTables.open(store, uid, signal);
  const report = await reportOf(plan, store, { tables: lines, ...(signal && { signal }) });
  await lines.save();
  const { renderReport } = await renderer();
  const encoder = new TextEncoder();
  // The page is written last, because readers start there.
  for (const [name, content] of [...renderReport(report.tables, report.verdicts)].reverse())
    await store.put(keys.report(uid, name), typeof content === 'string' ? encoder.encode(content) : content, signal);
  return report;
}

/** Plots need libraries that reading does not, so they are loaded only when a report is rendered. */
export const renderer = (): Promise<typeof import('@ncsweep/report/render/render-report')> =>
  import('@ncsweep/report/render/render-report');
